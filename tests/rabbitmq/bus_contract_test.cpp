#include "broker/bus/local_bus.hpp"
#include "tests/rabbitmq/support.hpp"

#include <doctest/doctest.h>
#include <string>
#include <thread>
#include <vector>

// What every bus promises to the node that publishes on it.

using namespace tests;

namespace {

class local_node {
public:
    broker::bus& bus() { return bus_; }
    texts seen() const { return sink_.events().all(); }

private:
    recording_sink sink_;
    broker::local_bus bus_{sink_};
};

class rabbit_node {
public:
    rabbit_node() : rabbit_node(std::function<void(rabbitmq::options&)>()) {}
    broker::bus& bus() { return node_.bus(); }
    texts seen() const { return node_.sink.events().all(); }

protected:
    explicit rabbit_node(std::function<void(rabbitmq::options&)> const& change)
        : node_("contract", nullptr, change) {
        REQUIRE(node_.wait_until_up());
    }

private:
    test_node node_;
};

class rabbit_node_over_tls : public rabbit_node {
public:
    rabbit_node_over_tls() : rabbit_node(over_tls) {}
};

}  // namespace

TEST_CASE_TEMPLATE("what is published has reached the node itself when publish() returns", Node,
                   local_node, rabbit_node, rabbit_node_over_tls) {
    Node node;
    std::vector<broker::bus_event> const events = {
        to_topic("/topic/a", "1"), to_user("ada", "2"), broker::access_ended_event{"/topic/a", "7"},
        broker::everybody_event{"/queue/n", message_to("/queue/n", "3")}};

    node.bus().publish(events);

    CHECK(node.seen() == shown(events));
}

TEST_CASE_TEMPLATE("the events of one thread arrive in order, each once", Node, local_node,
                   rabbit_node, rabbit_node_over_tls) {
    constexpr int each = 500;
    Node node;
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t) {
        threads.emplace_back([&node, t] {
            for (int i = 0; i != each; ++i) {
                node.bus().publish({to_topic("/topic/" + std::to_string(t), std::to_string(i))});
            }
        });
    }
    for (auto& thread : threads) thread.join();

    auto const seen = node.seen();
    CHECK(seen.size() == 4 * each);
    std::vector<int> next(4);
    bool in_order = true;
    for (auto const& event : seen) {
        auto& expected = next[static_cast<std::size_t>(event[7] - '0')];
        in_order = in_order && event.substr(9) == std::to_string(expected++);
    }
    CHECK(in_order);
}

TEST_CASE_TEMPLATE("publishing nothing is allowed", Node, local_node, rabbit_node,
                   rabbit_node_over_tls) {
    Node node;
    node.bus().publish(std::vector<broker::bus_event>{});
    CHECK(node.seen().empty());
}
