#pragma once

#include "broker/transport/connection.hpp"
#include "broker/transport/outbound_queue.hpp"
#include "broker/transport/websocket_decoder.hpp"
#include "broker/transport/websocket_handler.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// A WebSocket connection after its handshake: joins socket, decoder, queue and handler.

namespace broker::transport {

struct websocket_setup {
    websocket_options const* options = nullptr;  // interned by the host
    bool deflate = false;
    std::uint8_t deflate_window_bits = 15;
    std::string response;  // the 101, to be sent first
    std::string input;     // what the client sent behind its handshake
};

class websocket_wire final : public connection, public websocket_connection {
public:
    websocket_wire(connection_host& host, byte_stream stream, websocket_setup setup,
                   std::unique_ptr<websocket_handler> handler);
    ~websocket_wire() override;

    // Tells the handler; once, after the host has taken the connection.
    void open();

    void send(payload_ref head, payload_ref tail, frame_kind kind) override;
    void close(std::uint16_t code, std::string_view reason) override;
    void abort() override;
    void limit_messages(std::size_t bytes) override;
    void pause_reading() override;
    void resume_reading() override;
    std::size_t queued_bytes() const override;

    void on_ready(std::uint32_t events) override;
    void on_deadline(steady_time now) override;
    void flush() override;
    void terminate() override;

private:
    enum class phase : std::uint8_t {
        open,
        closing,    // our close frame is queued; the peer's is awaited
        leaving,    // the handler has been told; the rest is sent, then the socket is half-closed
        lingering,  // half-closed: what comes is thrown away until the peer closes too
    };

    void read_input();
    void take(std::span<char> bytes);
    bool handle(websocket_event const& event);
    void push_control(outbound_kind kind, std::string_view payload);
    void push_close(std::uint16_t code, std::string_view reason);
    void fail(std::uint16_t code, std::string_view reason);
    void finish(std::uint16_t code, std::string_view reason);
    void lose(std::string_view why);
    void tell_closed(std::uint16_t code, std::string_view reason);
    void write_queue();
    void check_bound();
    void watch_what_matters();
    void expect_next_sign(steady_time now);

    std::unique_ptr<websocket_handler> handler_;
    websocket_options const* options_;
    std::size_t message_bytes_;  // what a message may have now
    websocket_decoder decoder_;
    outbound_queue queue_;
    std::unique_ptr<std::string> kept_input_;  // read, but not to be delivered while paused
    std::uint32_t heard_tick_ = 0;             // when the peer was last heard, in timer ticks
    std::uint32_t sent_tick_ = 0;              // and when something was last sent to it
    phase phase_ = phase::open;
    std::uint8_t deflate_window_bits_ = 0;  // 0: no compression
    bool paused_ = false;
    bool aborted_ = false;
    bool ping_sent_ = false;   // since the peer was last heard
    bool input_left_ = false;  // kept_input_, or the TLS session, may have something
};

}  // namespace broker::transport
