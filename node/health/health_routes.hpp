#pragma once

#include "broker/transport/http.hpp"
#include "node/health/monitor.hpp"

// GET /health/live, /health/ready and /health/startup: 200 or 503, with a JSON object that says
// why.

namespace node::health {

// The monitor outlives the routes' last request.
void add_health_routes(broker::transport::http_routes& routes, monitor const& of);

}  // namespace node::health
