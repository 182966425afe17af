#pragma once

#include "broker/ports/authenticator.hpp"
#include "broker/transport/http.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

// Where WebSocket clients that speak STOMP arrive, and what their handshake must bring.

namespace broker {

class shard;

struct websocket_endpoint {
    std::string path = "/ws";
    transport::websocket_options options;
    // Origins ("https://chat.example.org") whose pages may connect; "*" is every one. A page may
    // always connect to the host that served it.
    std::vector<std::string> allowed_origins{"*"};
};

// Finds the shard that the calling thread runs.
using shard_finder = std::function<shard&()>;

// Answers requests at the path: 101 with the best STOMP subprotocol that the client offers; 400 for
// what is no handshake, 403 for a foreign origin, 401 for credentials that are refused.
void add_websocket_endpoint(transport::http_routes& routes, websocket_endpoint endpoint,
                            authenticator& check, shard_finder here);

// What a handshake brought: the Authorization header, or the access_token of the query, which is
// all that a browser's WebSocket can send.
credentials handshake_credentials(transport::http_request const& request);

bool origin_allowed(transport::http_request const& request,
                    std::vector<std::string> const& allowed);

// Refuses a handshake whose credentials are wrong; one without any may pass and give them with
// CONNECT. Calls `done` once on `home`, with the answer that refuses or with nothing.
void check_handshake(authenticator& check, transport::http_request const& request, executor& home,
                     unique_function<void(std::optional<transport::http_response>)> done);

}  // namespace broker
