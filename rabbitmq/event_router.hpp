#pragma once

#include "broker/ports/bus.hpp"
#include "broker/ports/registry.hpp"
#include "rabbitmq/gathered_events.hpp"
#include "rabbitmq/wake_up.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

// From what is published to the batches for other nodes: asks the registry who needs the events,
// once for everything published together, and gathers them for those nodes.
//
// Events stand in the order of publish() while their answers are awaited, so that the events of one
// publishing thread keep their order whatever the registry says, and when. Any thread.

namespace rabbitmq {

// Tells when more than so much waits, and when less than half of it does; see options.
struct backlog_watch {
    std::size_t bytes = SIZE_MAX;
    std::function<void(bool over)> tell{};
};

class event_router : public std::enable_shared_from_this<event_router> {
public:
    event_router(std::string own_node, broker::registry& registry, gathering_limits const& limits,
                 std::shared_ptr<wake_up> waker, backlog_watch watch = {});

    void publish(std::vector<broker::bus_event> const& events);

    // To this node itself, by the way that events take. False without a link.
    bool send_canary(std::uint64_t number);

    // For the publisher: see gathered_events.
    std::optional<event_batch> take(gathered_events::time_point now);
    gathered_events::time_point next_due() const;
    void settled(std::string_view target);
    void link_down();
    void link_up();

    // Nothing waits, neither for an answer nor for the publisher.
    bool idle() const;
    std::uint64_t dropped() const;
    std::size_t waiting_bytes() const;

private:
    // What was published together, until it is known who needs it.
    struct slot {
        struct entry {
            broker::bus_event event;
            std::size_t size;
            std::optional<std::size_t> question;  // none: for every node
        };
        std::vector<entry> entries;
        std::size_t questions = 0;
        bool answered = false;
        std::optional<broker::interested_nodes> nodes;
    };

    void answered(std::uint64_t number, std::optional<broker::interested_nodes> nodes);
    void advance();
    bool has_work() const;
    void gather(slot const& from);
    void add(std::string_view node, broker::bus_event const& event);
    void look_at_backlog();

    std::string const own_node_;
    broker::registry& registry_;  // outlives us: owned by the node
    std::shared_ptr<wake_up> const waker_;

    mutable std::mutex mutex_;
    gathered_events gathered_;
    std::deque<slot> slots_;
    std::uint64_t first_slot_ = 0;
    std::uint64_t dropped_ = 0;
    backlog_watch const watch_;
    bool over_ = false;
};

}  // namespace rabbitmq
