#pragma once

#include "broker/ports/bus.hpp"
#include "broker/ports/cluster_nodes.hpp"
#include "broker/ports/inbound.hpp"
#include "broker/ports/outside.hpp"
#include "broker/ports/presence.hpp"
#include "broker/ports/registry.hpp"
#include "broker/ports/session_owners.hpp"
#include "broker/ports/user_sessions.hpp"
#include "broker/send_brake.hpp"
#include "broker/server.hpp"
#include "config/settings.hpp"

#include <functional>
#include <memory>
#include <string>

namespace node::health {
class monitor;
}

// What a node has of the other nodes: the bus, the registry and the ways in and out. A node that is
// alone has the embedded ones. Made and destroyed on the main thread.

namespace node {

class metrics_page;

struct neighbour_options {
    std::string node_id;
    std::string internal_address;  // where other nodes reach our SockJS sessions
};

class neighbours {
public:
    virtual ~neighbours() = default;

    virtual broker::bus& bus() = 0;
    virtual broker::registry& interests() = 0;
    virtual broker::presence& presence() = 0;
    virtual broker::user_sessions& user_sessions() = 0;
    // Null when every session is here.
    virtual broker::session_owners* session_owners() = 0;
    // Null when nobody can say which other nodes there are.
    virtual broker::cluster_nodes* nodes() = 0;
    // Null when nothing may slow the senders.
    virtual broker::send_brake* brake() = 0;
    // Null when there is nobody outside.
    virtual broker::outside* outside() = 0;

    // What the links count; any thread.
    virtual void add_metrics(metrics_page& to) const = 0;

    // Begins to connect. `on_presence` is told who comes into which room and who leaves, each by
    // one node of the cluster, on a thread of the registry or a shard. `inbound` takes what back
    // ends publish, until stop_consuming().
    virtual void start(broker::inbound_handler* inbound,
                       std::function<void(broker::presence_change const&)> on_presence) = 0;
    // What is between us and the others, to be tried regularly. The monitor is stopped before us.
    virtual void add_links(health::monitor& to) = 0;
    // The sessions are gone: nothing is brought to them any more, and `inbound` is not called.
    virtual void stop_consuming() = 0;
};

// `settings.clustered()` decides. The server, which gets what the bus brings and is told when to
// look in the store, outlives us. Throws std::exception with a sentence for the operator.
std::unique_ptr<neighbours> make_neighbours(config::settings const& settings,
                                            neighbour_options const& options,
                                            broker::server& server);

}  // namespace node
