#pragma once

#include "broker/limiting/limiter.hpp"
#include "broker/peer/link_origin.hpp"
#include "broker/ports/authenticator.hpp"
#include "broker/transport/http.hpp"

#include <chrono>
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

// Who is asked whether a handshake may pass. Both outlive those who ask.
struct gatekeepers {
    authenticator& check;
    limiting::limiter& limits;
};

// Answers requests at the path: 101 with the best STOMP subprotocol that the client offers; 400 for
// what is no handshake, 403 for a foreign origin, 401 for credentials that are refused, 429 for
// those beyond the limits.
void add_websocket_endpoint(transport::http_routes& routes, websocket_endpoint endpoint,
                            gatekeepers ask, shard_finder here);

// What a handshake brought: the Authorization header, or the access_token of the query, which is
// all that a browser's WebSocket can send.
credentials handshake_credentials(transport::http_request const& request);

bool origin_allowed(transport::http_request const& request,
                    std::vector<std::string> const& allowed);

// Refuses a handshake that comes too soon after others, or whose credentials are wrong; one without
// any may pass and give them with CONNECT. Calls `done` once on `home`, with the answer that
// refuses or with nothing.
void check_handshake(gatekeepers ask, transport::http_request const& request, executor& home,
                     unique_function<void(std::optional<transport::http_response>)> done);

// What a link that was let in begins with; nothing if its address has its share of sessions.
std::optional<link_origin> origin_of(limiting::limiter& limits,
                                     transport::http_request const& request);

// 429 with Retry-After.
transport::http_response too_many_requests(std::chrono::nanoseconds wait, std::string why);

}  // namespace broker
