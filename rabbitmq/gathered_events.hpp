#pragma once

#include "broker/ports/bus.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

// Events on their way to other nodes, gathered into batches: one AMQP message each.
//
// A node gets its events in the order of add(), also when some of them go to it alone and others to
// all. Therefore the batches stand in stages: a stage holds batches for single nodes or batches for
// all, never both, and the next stage begins when the one before is empty.
//
// A node has a few batches under way at most, and is sent one in so much time, unless they are
// full; meanwhile its events gather in the next one. So a lone event waits for nothing, and load
// makes its own batches.
//
// The octets that wait are bounded. Near the bound what can be missed gives way first: above a half
// nothing ephemeral is taken, above three quarters no message of a topic that is not stored; at
// the bound nothing but the end of a user's access, which nothing else repairs, and which may use
// an eighth more. Not thread-safe.

namespace rabbitmq {

struct gathering_limits {
    std::size_t open_batches = 1;
    std::chrono::microseconds pace{0};  // between two batches for the same node
    std::size_t batch_count = 512;
    std::size_t batch_bytes = 96U << 10U;
    std::size_t waiting_bytes = 64U << 20U;
};

struct event_batch {
    std::string target;  // a node's id; empty: all nodes
    std::string body;
    std::uint32_t count = 0;
};

class gathered_events {
public:
    explicit gathered_events(gathering_limits const& limits) : limits_(limits) {}

    // True if an event of that kind and size would be taken. Counts what reserve() holds.
    bool admits(broker::bus_event const& event, std::size_t size) const;

    // For events that wait elsewhere until it is known where they go.
    void reserve(std::size_t size) { reserved_ += size; }
    void release(std::size_t size) { reserved_ -= size; }

    // False if there is no room left for it.
    bool add(std::string_view node, broker::bus_event const& event);
    bool add_for_all(broker::bus_event const& event) { return add({}, event); }
    // For this node itself, to see whether events arrive. False without a link.
    bool add_canary(std::string_view own_node, std::uint64_t number);

    using time_point = std::chrono::steady_clock::time_point;

    // The next batch that may go out now. It counts as open until settled().
    std::optional<event_batch> take(time_point now);
    // After a take() that gave nothing: when to come again, should nothing else happen before.
    time_point next_due() const { return next_due_; }
    void settled(std::string_view target);

    // The link is gone: no batch is open any more, and what is ephemeral is not worth keeping from
    // here on until link_up().
    void link_down();
    void link_up() { down_ = false; }

    bool has_link() const { return !down_; }
    bool empty() const { return stages_.empty(); }
    std::size_t waiting_bytes() const { return waiting_ + reserved_; }

private:
    struct lane {
        std::deque<event_batch> batches;
    };
    struct stage {
        bool for_all = false;
        std::map<std::string, lane, std::less<>> lanes;  // those with a batch
        std::string last;                                // whose turn it was
    };

    // What went to one node before.
    struct history {
        std::size_t open = 0;
        time_point next{};  // the pace lets the next one go
    };

    event_batch& batch_for(std::string_view node, std::size_t size);
    bool is_full(event_batch const& batch) const;
    bool may_go(std::string const& target, event_batch const& batch, time_point now);
    event_batch take_from(stage& from, std::map<std::string, lane, std::less<>>::iterator turn,
                          time_point now);

    gathering_limits const limits_;
    std::deque<stage> stages_;
    std::map<std::string, history, std::less<>> sent_;
    time_point next_due_ = time_point::max();
    std::size_t waiting_ = 0;
    std::size_t reserved_ = 0;
    bool down_ = true;
};

}  // namespace rabbitmq
