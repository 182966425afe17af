#pragma once

#include "broker/ports/inbound.hpp"
#include "rabbitmq/amqp_connection.hpp"
#include "rabbitmq/rabbit_bus.hpp"
#include "tests/rabbitmq/fake_registry.hpp"
#include "tests/rabbitmq/samples.hpp"
#include "tests/support/rabbitmq_server.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A node's end of the bus with everything around it recorded, and a client of RabbitMQ that is no
// node.

namespace tests {

using texts = std::vector<std::string>;

inline constexpr std::chrono::seconds patience{60};

// Values that threads bring, and a test waits for.
template <typename Value>
class recorded {
public:
    void add(Value value) {
        std::lock_guard const lock(mutex_);
        values_.push_back(std::move(value));
        changed_.notify_all();
    }
    std::vector<Value> all() const {
        std::lock_guard const lock(mutex_);
        return values_;
    }
    // False if it does not come true in time.
    bool wait(std::function<bool(std::vector<Value> const&)> const& until) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return until(values_); });
    }
    bool wait_for_count(std::size_t count) const {
        return wait([count](auto const& values) { return values.size() >= count; });
    }
    bool wait_for_last(Value const& last) const {
        return wait([&](auto const& values) { return !values.empty() && values.back() == last; });
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<Value> values_;
};

// Throws what a test asks for before it takes anything.
class recording_sink final : public broker::event_sink {
public:
    void on_events(std::vector<broker::bus_event> events) override {
        std::lock_guard const turn(gate_);
        if (failures_ > 0) {
            --failures_;
            throw std::runtime_error("the sink is full");
        }
        for (auto const& event : events) events_.add(shown(event));
    }
    // It takes nothing while the lock is held.
    std::unique_lock<std::mutex> hold() { return std::unique_lock(gate_); }
    void fail(int times) { failures_ = times; }
    recorded<std::string> const& events() const { return events_; }

private:
    std::mutex gate_;
    std::atomic<int> failures_{0};
    recorded<std::string> events_;
};

// Answers "ok:…" with ok, "bad:…" with bad, "later:…" with later, "later2:…" twice with later.
class recording_handler final : public broker::inbound_handler {
public:
    broker::inbound_verdict accept(std::string_view routing_key, std::string_view body,
                                   bool local) override;
    recorded<std::string> const& offers() const { return offers_; }

private:
    recorded<std::string> offers_;
};

// Changes the options of a node: it speaks TLS with the shared server.
void over_tls(rabbitmq::options& options);

using link_state = std::pair<bool, bool>;

class test_node {
public:
    explicit test_node(std::string id, broker::inbound_handler* inbound = nullptr,
                       std::function<void(rabbitmq::options&)> const& change = {});

    // Both links are up.
    bool wait_until_up() const { return links.wait_for_last({true, true}); }

    rabbitmq::rabbit_bus& bus() { return *bus_; }
    void end() { bus_.reset(); }

    fake_registry registry;
    recording_sink sink;
    recorded<link_state> links;
    recorded<bool> blocked;
    recorded<bool> backlog;
    recorded<std::uint64_t> canaries;
    recorded<std::string> log;

private:
    std::unique_ptr<rabbitmq::rabbit_bus> bus_;
};

// What a back end would be.
class test_client {
public:
    test_client();
    ~test_client() { connection_.close(); }
    test_client(test_client const&) = delete;
    test_client& operator=(test_client const&) = delete;

    // Messages to this queue come out of wait_for_delivery(), and are acknowledged.
    void consume(std::string const& queue);
    // The same for a queue of its own, bound by this key.
    void subscribe(std::string const& key);
    void publish(rabbitmq::publication const& what);
    std::optional<rabbitmq::delivery> wait_for_delivery();

private:
    rabbitmq::amqp_connection connection_;
};

std::string header(rabbitmq::delivery const& of, std::string_view name);

}  // namespace tests
