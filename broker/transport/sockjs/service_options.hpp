#pragma once

#include "broker/ports/executor.hpp"
#include "broker/transport/forwarding/forward_options.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/sockjs/dialect.hpp"
#include "broker/unique_function.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// What one SockJS service may be told. Read from every shard, never changed after start.

namespace broker {
class session_owners;
}

namespace broker::transport::sockjs {

// Decides about an opening request before there is a handler: calls `done` exactly once, on `home`,
// perhaps before it returns, with the answer that refuses it or with nothing.
using admission = std::function<void(http_request const& opening, executor& home,
                                     unique_function<void(std::optional<http_response>)> done)>;

struct service_options {
    std::string prefix = "/ws-chat";  // without a slash at its end
    dialect const* protocol = &dialect_0_3_3;

    bool websocket = true;    // both WebSocket endpoints
    bool jsessionid = false;  // set the cookie that sticky balancers look for
    // Where iframe pages load the client from; must be the version that the pages use.
    std::string sockjs_url = "/vendor/sockjs.min.js";

    // Origins ("https://chat.example.org") whose pages may connect; "*" is every one. A page may
    // always connect to the host that served it.
    std::vector<std::string> allowed_origins{"*"};

    std::size_t streaming_limit = 128 * 1024;      // bytes of one streaming response, then it ends
    std::chrono::milliseconds heart_beat{25'000};  // after so long without a frame: `h`
    std::chrono::milliseconds disconnect_delay{5'000};  // a session lives so long without receiver

    std::size_t max_message_bytes = 1024 * 1024;      // one message of a client, decoded
    std::size_t max_payload_bytes = 4 * 1024 * 1024;  // one request body or WebSocket message
    std::size_t outbound_bytes = 4 * 1024 * 1024;     // queued for one client, then on_overflow
    std::size_t held_sends = 8;         // unanswered xhr_sends of one session, then 503
    std::size_t max_sessions = 50'000;  // HTTP sessions of one shard, then 503

    // Raw WebSocket only: subprotocols to choose from, best first.
    std::vector<std::string> subprotocols;
    bool permessage_deflate = false;
    unsigned ping_interval_s = 30;  // WebSocket pings, see websocket_options
    unsigned ping_timeout_s = 60;

    admission admit;  // may be empty: everyone is

    // A node of a cluster: where sessions live that are not here, and how their requests get there.
    // Outlives the service; null: there are no other nodes.
    session_owners* owners = nullptr;
    forward_options forwarding;
};

}  // namespace broker::transport::sockjs
