#pragma once

#include "broker/server.hpp"
#include "broker/transport/transport_server.hpp"
#include "config/settings.hpp"
#include "node/bound_listener.hpp"

#include <string>
#include <vector>

// Opens the node's listeners, and says in the log where each of them is. Throws std::runtime_error
// with the address and the reason when one cannot be had. On the main thread, before the loops run.

namespace node {

// For the other nodes, with routes that are told later. Answers the address that they are to be
// told; empty: this node is alone, and nothing was opened.
std::string listen_for_nodes(config::settings const& settings,
                             broker::transport::transport_server& transports,
                             broker::transport::http_routes& routes);

// For clients: HTTP with the routes, and plain STOMP with sessions of the server.
std::vector<bound_listener> listen_for_clients(std::vector<config::listener_settings> const& wanted,
                                               broker::transport::transport_server& transports,
                                               broker::transport::http_routes& routes,
                                               broker::server& server);

}  // namespace node
