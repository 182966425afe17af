#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Many WebSocket clients in one thread: an epoll loop that costs the machine little beside the
// server that is measured. Plain ws:// on addresses of this machine.

namespace bench {

struct endpoint {
    std::string address;  // "127.0.0.1"
    std::uint16_t port = 0;
    std::string path;  // "/ws"
};

// ws://ADDRESS:PORT/PATH; throws std::invalid_argument with the reason.
endpoint parse_url(std::string_view url);

class client_loop;

class websocket_client {
public:
    // A whole message; valid during the call.
    std::function<void(std::string_view message)> on_message;
    std::function<void()> on_open;
    std::function<void(std::string_view reason)> on_close;

    void send_text(std::string_view message);
    bool open() const noexcept { return state_ == state::open; }
    std::size_t unsent() const noexcept { return out_.size() - out_sent_; }

private:
    friend class client_loop;
    enum class state : std::uint8_t { connecting, handshake, open, closed };

    client_loop* loop_ = nullptr;
    int fd_ = -1;
    state state_ = state::connecting;
    bool dirty_ = false;
    bool wants_write_ = false;
    std::string request_;
    std::string out_;
    std::size_t out_sent_ = 0;
    std::string partial_;  // an incomplete frame
};

class client_loop {
public:
    client_loop();
    ~client_loop();
    client_loop(client_loop const&) = delete;
    client_loop& operator=(client_loop const&) = delete;

    // The client must stay where it is until the loop is gone. `source`: the address to connect
    // from, for more than 28,000 connections; empty: the kernel chooses.
    void connect(websocket_client& client, endpoint const& to, std::string const& source = {});

    // Handles what is ready, waiting at most `timeout_ms`, and sends what was queued meanwhile.
    void turn(int timeout_ms);

private:
    friend class websocket_client;
    void on_readable(websocket_client& client);
    void take_frames(websocket_client& client, std::string_view bytes);
    void flush(websocket_client& client);
    void close(websocket_client& client, std::string_view reason);

    int epoll_;
    std::vector<char> buffer_;
    std::vector<websocket_client*> dirty_;
};

}  // namespace bench
