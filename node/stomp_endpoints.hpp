#pragma once

#include "broker/peer/endpoints.hpp"
#include "broker/ports/session_owners.hpp"
#include "broker/server.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/sockjs/service.hpp"
#include "config/settings.hpp"

#include <memory>

// The two ways into the STOMP engine over HTTP: WebSocket and SockJS, at the paths that the
// settings name. Each connection belongs to the shard of the loop that accepted it.

namespace node {

// All outlive the routes and the service.
struct stomp_entrance {
    broker::server& server;
    broker::gatekeepers ask;
    broker::session_owners* owners;  // null: there are no other nodes
};

// `routes_for_nodes`: where others hand on the requests of sessions that live here. On the main
// thread, before the loops run; the service goes after them.
std::unique_ptr<broker::transport::sockjs::service> add_stomp_endpoints(
    config::settings const& settings, stomp_entrance const& to,
    broker::transport::http_routes& routes, broker::transport::http_routes& routes_for_nodes);

}  // namespace node
