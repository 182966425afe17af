#pragma once

#include "broker/close_reason.hpp"
#include "broker/transport/link.hpp"
#include "broker/transport/payload.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// A WebSocket connection (RFC 6455) after its handshake, and whoever uses it.
// Everything on the connection's shard.

namespace broker::transport {

struct websocket_options {
    std::size_t max_message_bytes =
        1024 * 1024;  // inward, after decompression; above it: close 1009
    std::size_t outbound_bytes =
        4 * 1024 * 1024;                  // queued for a slow reader; above it: on_overflow
    bool permessage_deflate = false;      // RFC 7692, without context takeover
    std::size_t deflate_threshold = 256;  // smaller messages go uncompressed
    unsigned ping_interval_s = 30;        // a ping after so long a silence in either direction;
                                          // 0: never
    unsigned ping_timeout_s = 60;         // closed (4003) when nothing at all came for so long
    unsigned close_timeout_s = 5;         // for the close handshake, whoever begins it

    bool operator==(websocket_options const&) const = default;
};

class websocket_connection {
public:
    virtual ~websocket_connection() = default;

    virtual void send(payload_ref head, payload_ref tail, frame_kind kind) = 0;
    // Sends the close frame after what is queued; on_close follows within a bounded time.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    virtual void abort() = 0;
    // Messages inward may be this long from the next one on, and never longer than
    // options.max_message_bytes: strangers are allowed less than those who have logged in.
    virtual void limit_messages(std::size_t bytes) = 0;
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;
    virtual std::size_t queued_bytes() const = 0;
};

class websocket_handler {
public:
    virtual ~websocket_handler() = default;

    // The connection outlives the handler; it is valid until on_close returns.
    virtual void on_open(websocket_connection& connection) = 0;

    // One whole message, unmasked and decompressed; text has been checked to be UTF-8. The bytes
    // may be changed in place (the STOMP parser unescapes so) and are gone after the call. Never
    // called between pause_reading() and resume_reading(): the connection keeps what it has read
    // already.
    virtual void on_message(std::span<char> message, frame_kind kind) = 0;

    // The queue is over its bound even after droppable messages were dropped. Called from the
    // flush, never from inside send(). The handler decides; by default the connection is aborted.
    virtual void on_overflow(websocket_connection& connection) { connection.abort(); }

    // The end, called exactly once after on_open: the peer's code, or that of our own close frame
    // when the peer broke the protocol (1002, 1007, 1009) or was silent (4003); 1006 when the
    // connection was lost or aborted.
    virtual void on_close(std::uint16_t code, std::string_view reason) = 0;
};

}  // namespace broker::transport
