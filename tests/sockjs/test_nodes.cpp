#include "tests/sockjs/test_nodes.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace sockjs_test {
namespace {

constexpr std::size_t burst_message_bytes = 64 * 1024;

class echo_application final : public sockjs::handler {
public:
    explicit echo_application(transport_test::event_log& events) : events_(events) {}

    void on_open(sockjs::connection& connection) override {
        connection_ = &connection;
        events_.add("open");
    }
    void on_message(std::span<char> message, frame_kind) override {
        std::string const text(message.begin(), message.end());
        if (text == "close") return connection_->close(3000, "bye");
        if (text == "more than 25 MiB queued?") {
            return events_.add(connection_->queued_bytes() > 25 * 1024 * 1024 ? "yes" : "no");
        }
        if (!text.starts_with("burst ")) return say(text);
        for (int left = std::stoi(text.substr(6)); left > 0; --left) {
            say(std::string(burst_message_bytes, 'x'));
        }
    }
    void on_close(std::uint16_t code, std::string_view reason) override {
        events_.add("closed " + std::to_string(code) + " " + std::string(reason));
    }

private:
    void say(std::string text) {
        connection_->send({}, make_payload(std::move(text)), frame_kind::text);
    }

    transport_test::event_log& events_;
    sockjs::connection* connection_ = nullptr;
};

std::uint16_t listening(boost::system::result<std::uint16_t> const& port) {
    if (!port) throw std::runtime_error("listen: " + port.error().message());
    return *port;
}

}  // namespace

void shared_owners::set_away(bool away) {
    std::scoped_lock const lock(mutex_);
    away_ = away;
}

void shared_owners::hold_answers() {
    std::scoped_lock const lock(mutex_);
    holds_ = true;
}

void shared_owners::let_go() {
    std::scoped_lock const lock(mutex_);
    holds_ = false;
    for (auto& each : std::exchange(held_, {})) each();
}

void shared_owners::set_address(std::string const& node, std::string address) {
    std::scoped_lock const lock(mutex_);
    addresses_[node] = std::move(address);
}

void shared_owners::set_owner(std::string const& session, std::string node) {
    std::scoped_lock const lock(mutex_);
    owners_[session] = std::move(node);
}

void shared_owners::ask(std::string const& node, std::string const& session, bool take,
                        executor& home, answer done) {
    std::scoped_lock const lock(mutex_);
    std::optional<session_owner> owner;
    if (!away_) {
        if (take) owners_.try_emplace(session, node);
        if (auto const found = owners_.find(session); found != owners_.end()) {
            owner = {.here = found->second == node,
                     .node = found->second,
                     .internal_address = addresses_[found->second]};
        }
    }
    auto tell = [&home, owner = std::move(owner), done = std::move(done)]() mutable {
        home.post([owner = std::move(owner), done = std::move(done)]() mutable {
            done(std::move(owner));
        });
    };
    if (holds_) {
        held_.emplace_back(std::move(tell));
    } else {
        tell();
    }
    events_.add("asked");
}

void shared_owners::release(std::string const& node, std::string const& session) {
    std::scoped_lock const lock(mutex_);
    if (owners_[session] == node) owners_.erase(session);
    events_.add(node + " released " + session);
}

test_node::test_node(shared_owners& shared, std::string const& name,
                     sockjs::service_options options)
    : owners_(shared, name), server_({.loops = 2}) {
    if (options.prefix != "/echo") options = cluster_options();
    options.owners = &owners_;
    service_ = std::make_unique<sockjs::service>(
        std::move(options), [this](http_request const&, executor&) {
            return std::make_unique<echo_application>(events_);
        });
    service_->add_to(routes_);
    service_->add_internal_to(internal_routes_);
    port_ = listening(server_.listen({}, routes_));
    internal_port_ = listening(server_.listen({.open_until_stop = true}, internal_routes_));
    shared.set_address(name, "127.0.0.1:" + std::to_string(internal_port_));
    server_.start();
}

test_node::~test_node() {
    server_.stop();
}

void test_node::stop() {
    server_.stop();
}

sockjs::service_options cluster_options() {
    sockjs::service_options options;
    options.prefix = "/echo";
    options.forwarding.secret = "a secret of 25 characters";
    // A machine that stops for a moment makes no node unreachable.
    options.forwarding.connect_timeout = std::chrono::seconds(15);
    return options;
}

std::string get(std::string_view path, std::string_view headers) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view headers) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(headers) + "\r\n" + std::string(body);
}

}  // namespace sockjs_test
