#pragma once

#include "broker/ports/executor.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/link.hpp"
#include "broker/transport/payload.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

// What an application sees of SockJS: a connection that carries messages, whatever transport its
// client could use. The STOMP endpoint is one application; an echo service is another.
// Everything on the shard that owns the connection.

namespace broker::transport::sockjs {

// One client. It may outlive many HTTP requests; the application does not notice.
class connection {
public:
    virtual ~connection() = default;

    // One message, `head` then `tail`; either may be empty. Messages of one loop turn may travel
    // together but arrive one by one, in order. Ignored once the connection is closing.
    virtual void send(payload_ref head, payload_ref tail, frame_kind kind) = 0;

    // SockJS frames are JSON text: what is not UTF-8 cannot travel in them, and arrives with U+FFFD
    // in its place. False on the raw WebSocket, which carries binary messages as they are.
    virtual bool text_only() const = 0;

    // Delivers what is queued, then tells the client `code` and `reason` (up to 123 bytes of it).
    // on_close follows, also when the client never asks again.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;

    // Drops what is queued, and the connection with it. A client that comes back to poll is told
    // `code` and `reason`; one on a WebSocket sees it break.
    virtual void abort(std::uint16_t code, std::string_view reason) = 0;

    // A client's messages may be this long from the next one on, and never longer than
    // max_message_bytes. Over HTTP the bound of one request's body holds besides.
    virtual void limit_messages(std::size_t bytes) = 0;

    // No on_message between the two: the client's next xhr_send waits for its answer, its WebSocket
    // is not read.
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;
    // The oldest message that waits came with an xhr_send that should be answered now: proxies give
    // up a request after a while. Never on a WebSocket.
    virtual bool input_overdue() const { return false; }

    // What the client has not been sent yet, in bytes as the application gave them.
    virtual std::size_t queued_bytes() const = 0;

    // "sockjs-websocket", "sockjs-xhr-streaming", ...: of the row in transport_names.hpp.
    virtual std::string_view transport_name() const = 0;
};

// The application's side of one connection. Destroyed after on_close, never inside one of its own
// calls.
class handler {
public:
    virtual ~handler() = default;

    // `connection` is valid until on_close returns.
    virtual void on_open(connection& connection) = 0;

    // One message as the client's send() got it. `text` is UTF-8. The bytes may be changed in place
    // and are gone after the call.
    virtual void on_message(std::span<char> message, frame_kind kind) = 0;

    // More than outbound_bytes are queued, even after droppable messages were dropped. Never called
    // from inside send().
    virtual void on_overflow(connection& connection);

    // The end, exactly once after on_open; 1006 when the client just went away.
    virtual void on_close(std::uint16_t code, std::string_view reason) = 0;
};

// Makes the handler of a new connection. `opening` is the request that opened it (headers, cookies,
// peer) and is gone after the call; `home` is the shard that owns the connection. Null refuses:
// 503.
using handler_factory =
    std::function<std::unique_ptr<handler>(http_request const& opening, executor& home)>;

}  // namespace broker::transport::sockjs
