#pragma once

#include "broker/transport/http.hpp"

// The static pages of the node, out of the program itself.

namespace node {

// Every embedded file at its path, with ETag, gzip where the client takes it, and security headers.
void add_web_routes(broker::transport::http_routes& routes);

}  // namespace node
