#pragma once

#include "broker/ports/bus.hpp"
#include "broker/ports/inbound.hpp"
#include "rabbitmq/ack_ledger.hpp"
#include "rabbitmq/link.hpp"
#include "rabbitmq/topology_doubt.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

// The thread that consumes: events of other nodes from this node's queue, and what back ends sent
// from the queue that all nodes share.
//
// What cannot be handled is offered again after growing pauses and becomes a dead letter in the
// end; what can never be handled becomes one at once. Meanwhile the deliveries behind it go on. A
// delivery is acknowledged only when it was handled or is safely among the dead letters. This
// connection never publishes, so it is not blocked when RabbitMQ blocks publishers.
//
// When it is in doubt whether the exchange and the bindings are still there they are declared
// again, which changes nothing if they are; and now and then without a doubt.

namespace rabbitmq {

class publisher;

class consumer final : public link_user {
public:
    // `inbound` may be null: the shared queue is then left to other nodes.
    consumer(options const& all, broker::event_sink& sink, broker::inbound_handler* inbound,
             publisher& dead_letters, topology_doubt& doubt, std::shared_ptr<wake_up> waker,
             std::function<void(bool)> on_up);
    ~consumer() override;

    void start() { link_.start(); }
    // Acknowledges what was handled; the rest is delivered again, to this node or another.
    void stop() { link_.stop(); }

    // Reads only; the other counters are the publisher's.
    void count(counters& into) const;

private:
    using time_point = std::chrono::steady_clock::time_point;

    // How handling went.
    struct outcome {
        enum class kind : std::uint8_t { done, again, dead };
        kind is = kind::done;
        std::string reason{};
    };
    // A delivery that waits: for its repetition, or for its place among the dead letters.
    struct held {
        delivery what;
        std::size_t attempts = 1;
        std::string reason;
        bool dead = false;
        bool under_way = false;  // to the dead letters
        time_point due{};
    };
    // Where the publisher says what became of dead letters.
    struct mailbox {
        struct letter {
            std::uint64_t link;  // of which connection the delivery was
            channel_number channel;
            std::uint64_t tag;
            bool taken;
        };
        std::mutex mutex;
        std::vector<letter> letters;
    };

    void prepare(amqp_connection& on) override;
    wait_for work(amqp_connection& on) override;
    void while_down() override;
    bool finished() override;

    void declare_again(amqp_connection& on);
    bool read(amqp_connection& on);
    void take(delivery got);
    outcome handle(delivery const& got);
    outcome handle_events(delivery const& got);
    outcome handle_inbound(delivery const& got, bool local);
    void settle(held what, outcome how);
    void done(delivery const& what) { ledger_of(what.channel).done(what.tag); }
    void send_dead_letter(held& what);
    void collect_letters();
    void retry_due();
    void flush(amqp_connection& on, bool everything);
    time_point next_due() const;
    ack_ledger& ledger_of(channel_number channel);

    options const& options_;            // outlives us: owned by the bus
    broker::event_sink& sink_;          // outlives us: owned by the node
    broker::inbound_handler* inbound_;  // the same
    publisher& dead_letters_;           // outlives us: owned by the bus
    topology_doubt& doubt_;             // the same
    std::shared_ptr<wake_up> const waker_;
    std::shared_ptr<mailbox> const mailbox_ = std::make_shared<mailbox>();

    // On the thread only.
    std::uint64_t link_number_ = 0;
    std::size_t header_room_ = 0;
    ack_ledger own_;
    ack_ledger shared_;
    std::vector<held> held_;
    time_point declare_at_{};

    std::atomic<std::uint64_t> received_{0};
    std::atomic<std::uint64_t> received_events_{0};
    std::atomic<std::uint64_t> inbound_taken_{0};
    std::atomic<std::uint64_t> retried_{0};
    std::atomic<std::uint64_t> dead_lettered_{0};

    link link_;  // last: its thread uses the others
};

}  // namespace rabbitmq
