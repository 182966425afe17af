#pragma once

#include "broker/ports/bus.hpp"
#include "broker/ports/inbound.hpp"
#include "broker/ports/outside.hpp"
#include "broker/ports/registry.hpp"
#include "rabbitmq/options.hpp"

#include <memory>
#include <vector>

// The bus of a node among others, over RabbitMQ; and the way out to programs of others, and in.
// The only header of this folder, with options.hpp, that others need.
//
// What is published reaches this node's own sink at once, whatever the state of RabbitMQ, and other
// nodes by way of their queues. While RabbitMQ is away or blocked, events for others wait within a
// bound; what does not fit or is lost on the way is repaired from the store where it is stored.

namespace rabbitmq {

class rabbit_bus final : public broker::bus, public broker::outside {
public:
    // Throws std::invalid_argument for options that cannot work. All that is given here outlives
    // us; `inbound` may be null, then this node takes nothing from back ends.
    rabbit_bus(options all, broker::event_sink& sink, broker::registry& registry,
               broker::inbound_handler* inbound);
    // Publishes what waits for at most the drain timeout. Nobody may publish any more.
    ~rabbit_bus() override;

    // Begins to connect, in the background. Before it, events wait.
    void start();
    // Takes nothing from other nodes and back ends any more; publishing goes on. For a node that
    // goes: what follows would reach sessions that are being closed.
    void stop_consuming();

    void publish(std::vector<broker::bus_event> events) override;
    // While there is no link every one of them fails, so whoever repeats must pause.
    void publish(std::vector<broker::outside_event> events,
                 broker::unique_function<void(bool)> done) override;

    // Sends a number to this node by the way that the events of other nodes take: gathered,
    // published with a confirm, routed by the binding of this node's queue, consumed. It comes out
    // at options::on_canary. False when there is no link to send it by. The number is above 0. If
    // the canary before has not come back, what this node needs in RabbitMQ is declared again.
    bool send_canary(std::uint64_t number);

    counters count() const;

private:
    class state;
    std::unique_ptr<state> state_;
};

}  // namespace rabbitmq
