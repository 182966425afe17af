#pragma once

#include "broker/close_reason.hpp"
#include "broker/transport/payload.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// How a STOMP session reaches its client: over WebSocket, TCP or SockJS. The session's side of a
// transport; one link per session, on its shard.
//
// What is sent is queued and leaves at the end of the loop turn. Nothing here fails: a broken or
// overfull connection tells its handler by on_close, never from inside send().

namespace broker::transport {

enum class frame_kind : std::uint8_t { text, binary };

class link {
public:
    virtual ~link() = default;

    // One STOMP frame in two parts, `head` then `tail`; either may be empty. Over WebSocket the two
    // make one message of `kind`. Counted with its full length against this link's bound.
    virtual void send(payload_ref head, payload_ref tail, frame_kind kind) = 0;

    // A STOMP heart-beat: a lone LF.
    virtual void send_heart_beat() = 0;

    // What one message of the client may have from the next one on, where the transport has
    // messages: a stranger may send less than who has logged in. Never more than the transport's
    // own bound.
    virtual void limit_messages(std::size_t bytes) = 0;

    // Stops taking bytes from the client until resume_reading(); the client is held back by its
    // transport's own flow control.
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;
    // What the client has sent must not wait any longer where that is up to us: the answer to its
    // request is due.
    virtual bool input_overdue() const { return false; }

    // Sends what is queued, then closes. on_close follows, also when the peer never answers.
    virtual void close(close_reason reason, std::string_view detail = {}) = 0;

    // Drops everything queued and the connection with it.
    virtual void abort(close_reason reason) = 0;

    virtual std::size_t queued_bytes() const = 0;

    // Whether anything was sent since this was last asked: what a heart-beat would be for.
    virtual bool take_sent_mark() = 0;

    // "websocket", "sockjs-xhr-streaming", …: a name from a fixed set, for logs and metrics.
    virtual std::string_view transport_name() const = 0;
};

}  // namespace broker::transport
