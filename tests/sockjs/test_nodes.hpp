#pragma once

#include "broker/ports/session_owners.hpp"
#include "broker/transport/sockjs/service.hpp"
#include "tests/transport/test_server.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// Several nodes in one process, with real loops and listeners, and what they know of each other in
// memory.

namespace sockjs_test {

using namespace broker;
using namespace broker::transport;

// What the nodes share. Any thread.
class shared_owners {
public:
    // Nobody can be asked.
    void set_away(bool away);
    // Answers wait until let_go().
    void hold_answers();
    void let_go();
    // The address that others are told; without one a node has no owner's rights at all.
    void set_address(std::string const& node, std::string address);
    // Whoever asks is told that this one has it.
    void set_owner(std::string const& session, std::string node);

    transport_test::event_log& events() { return events_; }  // "node-1 released KEY", "asked"

private:
    friend class node_owners;
    using answer = unique_function<void(std::optional<session_owner>)>;
    void ask(std::string const& node, std::string const& session, bool take, executor& home,
             answer done);
    void release(std::string const& node, std::string const& session);

    std::mutex mutex_;
    std::unordered_map<std::string, std::string> owners_;
    std::unordered_map<std::string, std::string> addresses_;
    std::vector<unique_function<void()>> held_;
    bool away_ = false;
    bool holds_ = false;
    transport_test::event_log events_;
};

// One node's way to them.
class node_owners final : public session_owners {
public:
    node_owners(shared_owners& shared, std::string node) : shared_(shared), node_(node) {}
    void claim(std::string session, executor& home, shared_owners::answer done) override {
        shared_.ask(node_, session, true, home, std::move(done));
    }
    void find(std::string session, executor& home, shared_owners::answer done) override {
        shared_.ask(node_, session, false, home, std::move(done));
    }
    void release(std::string session) override { shared_.release(node_, session); }

private:
    shared_owners& shared_;
    std::string node_;
};

// A node of two shards. Its application echoes; "close" makes it close, "burst N" send N messages
// of 64 KiB. Its events: "open", "closed CODE REASON", and what it answers to the question for its
// queue.
class test_node {
public:
    test_node(shared_owners& shared, std::string const& name, sockjs::service_options options = {});
    ~test_node();

    std::uint16_t port() const { return port_; }
    std::uint16_t internal_port() const { return internal_port_; }
    sockjs::service const& service() const { return *service_; }
    transport_test::event_log& events() { return events_; }
    std::size_t connections() const { return server_.counts().open; }
    // Takes no more clients; other nodes still come.
    void drain() { server_.stop_accepting(); }
    // Ends at once: nobody listens there any more, and every connection breaks.
    void stop();

private:
    transport_test::event_log events_;
    node_owners owners_;
    http_routes routes_;
    http_routes internal_routes_;
    transport_server server_;
    std::unique_ptr<sockjs::service> service_;
    std::uint16_t port_ = 0;
    std::uint16_t internal_port_ = 0;
};

// Two of them, whose clients are sent from one to the other.
struct two_nodes {
    explicit two_nodes(sockjs::service_options const& options = {})
        : first(shared, "node-1", options), second(shared, "node-2", options) {}

    shared_owners shared;
    test_node first;
    test_node second;
};

sockjs::service_options cluster_options();

std::string get(std::string_view path, std::string_view headers = {});
std::string post(std::string_view path, std::string_view body = {}, std::string_view headers = {});

}  // namespace sockjs_test
