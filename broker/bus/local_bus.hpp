#pragma once

#include "broker/ports/bus.hpp"

#include <utility>

// The bus of a node that is alone: what is published comes back to the node itself, at once and in
// order.

namespace broker {

class local_bus final : public bus {
public:
    explicit local_bus(event_sink& sink) : sink_(sink) {}  // outlives us: owned by the server

    void publish(std::vector<bus_event> events) override { sink_.on_events(std::move(events)); }

private:
    event_sink& sink_;
};

}  // namespace broker
