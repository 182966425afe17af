#pragma once

#include "broker/ports/outside.hpp"
#include "rabbitmq/confirm_ledger.hpp"
#include "rabbitmq/event_router.hpp"
#include "rabbitmq/link.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

// The thread that publishes: batches of events for other nodes, and persistent events one by one.
// Both in turns, so that neither holds up the other. Confirms are always on and awaited in a
// window.

namespace rabbitmq {

// A message that must not be lost: an event for others, or a dead letter.
struct persistent_message {
    std::string exchange{};
    std::string routing_key{};
    std::string content_type{};
    std::string type{};
    std::string id{};
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
};

class publisher final : public link_user {
public:
    publisher(options const& all, std::shared_ptr<event_router> router,
              std::shared_ptr<wake_up> waker, std::function<void(bool)> on_up);
    ~publisher() override;

    void start() { link_.start(); }
    // Publishes what waits, for as long as the drain timeout; what is left then has failed.
    void stop();

    // As broker::outside::publish.
    void publish(std::vector<persistent_message> messages,
                 broker::unique_function<void(bool)> done);

    // Reads only; the other counters are the consumer's.
    void count(counters& into) const;

private:
    // The messages of one publish() call, until all are confirmed.
    struct completion {
        std::size_t open = 0;
        bool failed = false;
        broker::unique_function<void(bool)> done;
    };
    struct waiting_message {
        persistent_message message;
        std::shared_ptr<completion> of;
    };
    // A publish without its confirm: a batch for a node, a persistent message, or a probe.
    struct unconfirmed {
        std::string target;
        std::shared_ptr<completion> of;  // null: a batch, or a probe
        bool probe = false;
        std::chrono::steady_clock::time_point sent = std::chrono::steady_clock::now();
    };

    void prepare(amqp_connection& on) override;
    wait_for work(amqp_connection& on) override;
    void while_down() override;
    bool finished() override;

    void read(amqp_connection& on);
    void set_blocked(bool blocked, std::string const& reason);
    void settle(unconfirmed const& entry, bool taken);
    static void settle_one(completion& of, bool taken);
    bool publish_batch(amqp_connection& on);
    static bool fits(persistent_message const& m, amqp_connection const& on);
    bool publish_persistent(amqp_connection& on);
    // Asks whether RabbitMQ is blocked, should it be time; answers when it will be time again.
    std::chrono::steady_clock::time_point probe(amqp_connection& on);
    void published();
    void answer();
    void tell_dropped();

    options const& options_;  // outlives us: owned by the bus
    std::shared_ptr<event_router> const router_;
    std::shared_ptr<wake_up> const waker_;

    mutable std::mutex mutex_;  // of the next three
    std::deque<waiting_message> waiting_;
    std::deque<std::shared_ptr<completion>> answered_;  // without RabbitMQ
    std::size_t waiting_bytes_ = 0;

    // On the thread only.
    confirm_ledger<unconfirmed> ledger_;
    bool blocked_ = false;
    std::chrono::steady_clock::time_point next_probe_{};
    std::uint64_t told_dropped_ = 0;
    std::chrono::steady_clock::time_point next_told_{};

    std::atomic<std::uint64_t> published_{0};
    std::atomic<std::uint64_t> confirmed_{0};
    std::atomic<std::uint64_t> unconfirmed_{0};
    std::atomic<std::uint64_t> gathered_{0};
    std::atomic<std::uint64_t> outside_{0};
    broker::metrics::histogram confirm_seconds_{broker::metrics::latency_bounds};

    link link_;  // last: its thread uses the others
};

}  // namespace rabbitmq
