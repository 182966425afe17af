#pragma once

#include "broker/transport/connection.hpp"
#include "broker/transport/outbound_queue.hpp"
#include "broker/transport/tcp_handler.hpp"

#include <memory>
#include <string>

// A plain byte stream between a socket and its handler: STOMP over TCP or TLS.

namespace broker::transport {

class tcp_wire final : public connection, public tcp_connection {
public:
    tcp_wire(connection_host& host, byte_stream stream, std::unique_ptr<tcp_handler> handler);
    ~tcp_wire() override;

    // Tells the handler; once, after the host has taken the connection.
    void open();

    void send(payload_ref head, payload_ref tail) override;
    void close() override;
    void abort() override;
    void pause_reading() override;
    void resume_reading() override;
    std::size_t queued_bytes() const override;

    void on_ready(std::uint32_t events) override;
    void on_deadline(steady_time now) override;
    void flush() override;
    void terminate() override;

private:
    enum class phase : std::uint8_t { open, closing, lingering };

    void read_input();
    void deliver(std::span<char> bytes);
    void lose();

    std::unique_ptr<tcp_handler> handler_;
    outbound_queue queue_;
    phase phase_ = phase::open;
    bool paused_ = false;
    bool aborted_ = false;
    bool handshake_ = false;   // of TLS, not finished
    bool input_left_ = false;  // the TLS session may have something
};

}  // namespace broker::transport
