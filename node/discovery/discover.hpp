#pragma once

#include "config/settings.hpp"
#include "node/bound_listener.hpp"
#include "node/discovery/eureka_client.hpp"
#include "node/metrics/page.hpp"

#include <memory>
#include <span>
#include <string>

// From the configuration to a client of Eureka, and from what it counts to the metrics.

namespace node::health {
class monitor;
}

namespace node::discovery {

// Takes the addresses of the servers apart. Throws std::invalid_argument, whose text holds no
// secret.
eureka_options eureka_options_of(config::eureka_settings const& from);

// How this node is reached, from its configuration; what that does not say is found.
instance self_of(config::settings const& from, std::span<bound_listener const> listeners,
                 std::string const& node_id);

// Null when no server is configured. Not started. `health` outlives it.
std::unique_ptr<eureka_client> make_client(config::settings const& from,
                                           std::span<bound_listener const> listeners,
                                           std::string const& node_id,
                                           health::monitor const& health);

void add_metrics(metrics_page& to, eureka_counts const& counts);

}  // namespace node::discovery
