#pragma once

#include "broker/transport/transport_server.hpp"
#include "broker/transport/websocket_handler.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

// A server with real loops on loopback, and the handlers that tests hang on it.

namespace transport_test {

namespace net = broker::transport;

// Things that happen on a loop, for a test that waits for them on its own thread.
class event_log {
public:
    void add(std::string event);
    // Waits until `event` has been added; false after 20 s. Takes it out.
    bool wait_for(std::string const& event);
    std::vector<std::string> all() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> events_;
};

class test_server {
public:
    explicit test_server(net::transport_options options = {}, net::listener_options listener = {});
    ~test_server();

    net::http_routes& routes() { return routes_; }
    // Call once the routes are there.
    void start();
    std::uint16_t port() const { return port_; }
    net::transport_server& server() { return server_; }

private:
    net::http_routes routes_;
    net::transport_server server_;
    net::listener_options listener_;
    std::uint16_t port_ = 0;
};

// Sends every message back.
class echo : public net::websocket_handler {
public:
    explicit echo(event_log* log = nullptr) : log_(log) {}

    void on_open(net::websocket_connection& connection) override { connection_ = &connection; }
    void on_message(std::span<char> message, net::frame_kind kind) override {
        connection_->send({}, net::make_payload({message.data(), message.size()}), kind);
    }
    void on_close(std::uint16_t code, std::string_view reason) override {
        if (log_ != nullptr)
            log_->add("closed " + std::to_string(code) + " " + std::string(reason));
    }

protected:
    net::websocket_connection* connection_ = nullptr;
    event_log* log_;
};

// A WebSocket whose messages go to a function.
class scripted : public net::websocket_handler {
public:
    using on_text = std::function<void(net::websocket_connection&, std::string_view)>;

    scripted(event_log& log, on_text act) : log_(log), act_(std::move(act)) {}

    void on_open(net::websocket_connection& connection) override {
        connection_ = &connection;
        log_.add("open");
    }
    void on_message(std::span<char> message, net::frame_kind) override {
        act_(*connection_, {message.data(), message.size()});
    }
    void on_overflow(net::websocket_connection& connection) override {
        log_.add("overflow");
        connection.abort();
    }
    void on_close(std::uint16_t code, std::string_view reason) override {
        log_.add("closed " + std::to_string(code) + " " + std::string(reason));
    }

private:
    event_log& log_;
    on_text act_;
    net::websocket_connection* connection_ = nullptr;
};

// A route that upgrades and echoes.
net::http_handler echo_route(net::websocket_options options = {}, event_log* log = nullptr);
// A route that upgrades and acts.
net::http_handler scripted_route(event_log& log, net::websocket_options options,
                                 scripted::on_text act);

}  // namespace transport_test
