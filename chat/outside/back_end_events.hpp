#pragma once

#include "broker/ports/bus.hpp"
#include "broker/ports/inbound.hpp"

// What back ends publish for the users (to.all, to.user, to.channel), on its way to their devices.
// The link's thread.

namespace chat {

class back_end_events final : public broker::inbound_handler {
public:
    // `cluster` reaches every node, `node` this one alone. Both outlive us.
    back_end_events(broker::bus& cluster, broker::event_sink& node)
        : cluster_(cluster), node_(node) {}

    // Never `later`: what is wrong with an event does not pass.
    broker::inbound_verdict accept(std::string_view routing_key, std::string_view body,
                                   bool local) override;

private:
    broker::bus& cluster_;
    broker::event_sink& node_;
};

}  // namespace chat
