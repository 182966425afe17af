#pragma once

#include "bench/client/heart_beat.hpp"
#include "bench/client/loop_state.hpp"
#include "bench/client/stomp_client.hpp"
#include "bench/client/stream.hpp"
#include "bench/client/websocket_codec.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// What is behind a stomp_client: the socket, the layers on it and the deadlines. connection.cpp
// connects and ends, connection_input.cpp takes apart what arrives.

namespace bench {

class stomp_client::connection final : public pollable, public timer {
public:
    connection(stomp_client& owner, client_loop& loop, client_listener& listener,
               client_options const& options);
    ~connection();
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;

    void connect(endpoint const& to, credentials const& as, std::string_view source);
    void close(bool politely);
    void pause_reading();
    void resume_reading();

    // A frame in loop's `frame`; nothing happens without a session.
    std::string& compose(std::string_view command);
    void send_composed(std::string_view body);
    bool escapes() const noexcept { return escapes_; }

    bool connected() const noexcept { return phase_ == phase::connected; }
    std::uint64_t bytes_received() const noexcept { return bytes_received_; }
    std::size_t unsent() const noexcept { return out_.size() - out_sent_; }

    void on_ready(std::uint32_t events) override;
    void flush() override;
    void on_time(bench_clock::time_point now) override;

private:
    enum class phase : std::uint8_t {
        closed,
        failing,  // on_closed is about to be called
        connecting,
        securing,   // TLS
        upgrading,  // the WebSocket handshake
        opening,    // SockJS's "o"
        logging_in,
        connected,
    };
    // What is needed until CONNECTED only.
    struct setup;

    // connection.cpp
    void try_addresses();
    void established();
    void secure();
    void secured();
    void log_in();
    void fail_later(std::string reason);
    void finish(std::string const& reason);  // drop() and on_closed
    void drop() noexcept;
    void set_interest() noexcept;
    void mark();
    void send_out();
    void queue(std::string_view frame);  // in the framing
    std::uint32_t next_mask() noexcept {
        return static_cast<std::uint32_t>(loop_.next_random()) | 1U;
    }
    void arm(bench_clock::time_point now);
    void beat(bench_clock::time_point now);

    // connection_input.cpp
    void read();
    // Each takes what is whole off the front of `bytes`.
    void take(std::string_view& bytes);
    bool take_handshake(std::string_view& bytes);
    void take_websocket(std::string_view& bytes);
    void take_tcp(std::string_view& bytes);
    void on_websocket_message(std::string_view message);
    void on_sockjs_message(std::string_view message);
    void on_stomp_bytes(std::string_view bytes);
    void on_frame(std::string_view frame);
    void on_connected_frame(std::string_view frame);

    client_loop::state& loop_;
    stomp_client& owner_;
    client_listener& listener_;
    client_options const& options_;

    stream stream_;
    std::string out_;
    std::size_t out_sent_ = 0;
    std::string in_;  // the start of something incomplete
    websocket_decoder decoder_;
    std::unique_ptr<std::string> frame_;  // the start of a STOMP frame that spans messages
    std::unique_ptr<setup> setup_;

    std::uint64_t bytes_received_ = 0;
    bench_clock::time_point last_received_;
    bench_clock::time_point last_sent_;
    heart_beats beats_;

    std::uint32_t epoch_ = 0;  // counts connections: one that changed has ended meanwhile
    phase phase_ = phase::closed;
    framing kind_ = framing::websocket;
    bool escapes_ = true;
    bool paused_ = false;
    bool marked_ = false;
    bool read_again_ = false;  // TLS holds back what came before a pause
    bool wants_write_ = false;
};

}  // namespace bench
