#pragma once

#include "broker/transport/http.hpp"
#include "broker/transport/sockjs/handler.hpp"
#include "broker/transport/sockjs/service.hpp"
#include "broker/transport/timer_wheel.hpp"
#include "broker/transport/websocket_handler.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A node's shards, HTTP exchanges and WebSockets without any network: tests turn the wheels.

namespace sockjs_test {

using namespace broker;
using namespace broker::transport;

// What the session abc is asked for.
inline std::string at(char const* what) {
    return std::string("/echo/000/abc/") + what;
}

class manual_executor final : public executor {
public:
    void post(unique_function<void()> work) override { work_.push_back(std::move(work)); }

    // Runs what was posted, and what that posts.
    void run() {
        while (!work_.empty()) {
            auto work = std::move(work_.front());
            work_.pop_front();
            work();
        }
    }

private:
    std::deque<unique_function<void()>> work_;
};

// One shard: its loop turn ends in turn(), its time passes in pass().
struct manual_shard {
    manual_executor home;
    steady_time now{std::chrono::hours(1)};
    timer_wheel timers{now};

    sockjs::shard_context context() {
        return {.home = home, .timers = timers, .now = [this] { return now; }};
    }
    void turn() { home.run(); }
    void pass(std::chrono::milliseconds time) {
        // In steps, as the loop does it.
        for (auto const end = now + time; now < end;) {
            now = std::min(end, now + timer_wheel::tick);
            timers.advance(now);
            turn();
        }
    }
};

class fake_exchange final : public http_exchange {
public:
    http_request asked;
    manual_executor* shard_home = nullptr;
    std::size_t shard = 0;
    std::size_t shards = 1;
    bool upgradable = false;
    std::size_t unsent = 0;  // what queued_bytes() says

    std::optional<http_response> answer;  // of respond() or start_stream()
    std::vector<std::string> pieces;      // chunks of a stream
    bool finished = false;                // the answer is complete
    bool dropped = false;
    std::optional<std::size_t> moved_to;
    std::unique_ptr<websocket_handler> websocket;
    websocket_options websocket_limits;
    std::string subprotocol;

    http_request const& request() const override { return asked; }
    executor& home() override { return *shard_home; }
    void respond(http_response response) override {
        if (over()) return;
        answer = std::move(response);
        finished = true;
    }
    void start_stream(http_response const& head) override {
        if (!over()) answer = head;
    }
    void write(std::string piece) override {
        if (!over()) pieces.push_back(std::move(piece));
    }
    void finish() override { finished = true; }
    std::size_t queued_bytes() const override { return over() ? 0 : unsent; }
    void on_abort(unique_function<void()> callback) override { abort_ = std::move(callback); }
    void on_drained(unique_function<void()>) override {}
    bool is_websocket_upgrade() const override { return upgradable; }
    void accept_websocket(std::string_view chosen, websocket_options const& options,
                          std::unique_ptr<websocket_handler> handler) override {
        subprotocol = chosen;
        websocket_limits = options;
        websocket = std::move(handler);
        finished = true;
    }
    void drop() override { dropped = true; }
    void move_to_shard(std::size_t to,
                       std::function<void(std::shared_ptr<http_exchange>)> handler) override {
        moved_to = to;
        arrive_ = std::move(handler);
    }
    std::size_t shard_index() const override { return shard; }
    std::size_t shard_count() const override { return shards; }

    // The peer goes away.
    void lose_peer() {
        if (over()) return;
        lost_ = true;
        if (abort_) abort_();
    }
    // The exchange appears on the shard it was moved to.
    void arrive(std::shared_ptr<fake_exchange> there) { arrive_(std::move(there)); }

    std::string header(std::string_view name) const;
    bool has_header(std::string_view name) const;
    // Everything that was sent: the body, or the chunks.
    std::string text() const;

private:
    bool over() const { return finished || dropped || lost_; }
    unique_function<void()> abort_;
    std::function<void(std::shared_ptr<http_exchange>)> arrive_;
    bool lost_ = false;
};

using exchange_ptr = std::shared_ptr<fake_exchange>;

class fake_socket final : public websocket_connection {
public:
    std::vector<std::string> sent;
    std::vector<frame_kind> kinds;
    std::optional<std::pair<std::uint16_t, std::string>> closed;
    bool aborted = false;
    bool paused = false;
    std::size_t message_limit = 0;
    std::size_t unsent = 0;

    void send(payload_ref head, payload_ref tail, frame_kind kind) override {
        std::string whole;
        if (head) whole += head->bytes();
        if (tail) whole += tail->bytes();
        sent.push_back(std::move(whole));
        kinds.push_back(kind);
    }
    void close(std::uint16_t code, std::string_view reason) override {
        closed.emplace(code, std::string(reason));
    }
    void abort() override { aborted = true; }
    void limit_messages(std::size_t bytes) override { message_limit = bytes; }
    void pause_reading() override { paused = true; }
    void resume_reading() override { paused = false; }
    std::size_t queued_bytes() const override { return unsent; }
};

// What an application saw. Outlives its handler.
struct application_log {
    std::vector<std::string> messages;
    std::optional<std::pair<std::uint16_t, std::string>> closed;
    sockjs::connection* connection = nullptr;  // null before on_open and after on_close
    int opened = 0;
    int overflows = 0;
    bool destroyed = false;

    // What it does; may be empty.
    std::function<void(sockjs::connection&)> when_open;
    std::function<void(sockjs::connection&, std::string const&)> when_message;
    std::function<void(sockjs::connection&)> when_overflow;
};

class logging_handler final : public sockjs::handler {
public:
    explicit logging_handler(application_log& log) : log_(log) {}
    ~logging_handler() override { log_.destroyed = true; }
    void on_open(sockjs::connection& connection) override;
    void on_message(std::span<char> message, frame_kind kind) override;
    void on_overflow(sockjs::connection& connection) override;
    void on_close(std::uint16_t code, std::string_view reason) override;

private:
    application_log& log_;
};

void send_text(sockjs::connection& to, std::string text, bool droppable = false);

// A service on `shard_count` shards; every connection has the same log.
class service_rig {
public:
    explicit service_rig(sockjs::service_options options = {}, std::size_t shard_count = 1);

    application_log log;
    std::deque<manual_shard> shards;
    sockjs::service service;

    manual_shard& shard(std::size_t index = 0) { return shards[index]; }

    exchange_ptr request(std::string method, std::string target,
                         std::vector<http_header> headers = {}, std::string body = {});
    exchange_ptr get(std::string target, std::vector<http_header> headers = {}) {
        return request("GET", std::move(target), std::move(headers));
    }
    exchange_ptr post(std::string target, std::string body = {},
                      std::vector<http_header> headers = {}) {
        return request("POST", std::move(target), std::move(headers), std::move(body));
    }
    // A well-formed WebSocket handshake.
    exchange_ptr upgrade(std::string target, std::vector<http_header> headers = {});

    // Serves `asked` where it is, then ends the loop turn.
    void serve(exchange_ptr const& asked);
    exchange_ptr make_exchange(std::string method, std::string target,
                               std::vector<http_header> headers, std::string body);
};

// The application echoes what it gets.
void make_echo(application_log& log);

}  // namespace sockjs_test
