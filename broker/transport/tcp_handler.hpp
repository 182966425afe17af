#pragma once

#include "broker/transport/payload.hpp"

#include <cstddef>
#include <span>

// A plain byte stream (TCP or TLS) and whoever uses it: STOMP without WebSocket.

namespace broker::transport {

class tcp_connection {
public:
    virtual ~tcp_connection() = default;
    virtual void send(payload_ref head, payload_ref tail) = 0;
    // Sends what is queued, then ends the stream; on_close follows within a bounded time.
    virtual void close() = 0;
    virtual void abort() = 0;
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;
    virtual std::size_t queued_bytes() const = 0;
};

class tcp_handler {
public:
    virtual ~tcp_handler() = default;
    virtual void on_open(tcp_connection& connection) = 0;
    // The bytes may be changed in place and are gone after the call. Never called between
    // pause_reading() and resume_reading().
    virtual void on_bytes(std::span<char> bytes) = 0;
    virtual void on_overflow(tcp_connection& connection) { connection.abort(); }
    virtual void on_close() = 0;
};

}  // namespace broker::transport
