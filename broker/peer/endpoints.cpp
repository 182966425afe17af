#include "broker/peer/endpoints.hpp"

#include "broker/peer/websocket_link.hpp"
#include "broker/shard.hpp"
#include "stomp/version.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace broker {
namespace {

using transport::http_exchange_ptr;
using transport::http_request;
using transport::http_response;

// The best STOMP subprotocol among those offered; empty when none is.
std::string_view subprotocol_for(http_request const& request) {
    auto const chosen =
        stomp::choose_subprotocol(request.header("Sec-WebSocket-Protocol").value_or(""));
    return chosen ? stomp::subprotocol_name(*chosen) : std::string_view{};
}

}  // namespace

credentials handshake_credentials(http_request const& request) {
    credentials out;
    if (auto const header = request.header("Authorization")) {
        out.authorization = std::string(*header);
    } else if (auto token = request.query_parameter("access_token")) {
        out.authorization = "Bearer " + *token;
    }
    return out;
}

bool origin_allowed(http_request const& request, std::vector<std::string> const& allowed) {
    auto const origin = request.header("Origin");
    if (!origin || std::ranges::find(allowed, "*") != allowed.end()) return true;
    if (std::ranges::find(allowed, *origin) != allowed.end()) return true;
    auto const host = origin->find("://");
    return host != std::string_view::npos && origin->substr(host + 3) == request.header("Host");
}

void check_handshake(authenticator& check, http_request const& request, executor& home,
                     unique_function<void(std::optional<http_response>)> done) {
    auto const offered = handshake_credentials(request);
    if (!offered.authorization) return done(std::nullopt);
    auto checked = [done = std::move(done)](auth_outcome outcome) mutable {
        auto const* refusal = std::get_if<auth_refusal>(&outcome);
        if (refusal == nullptr) return done(std::nullopt);
        auto answer = transport::text_response(401, refusal->reason + "\n");
        answer.headers.push_back({"WWW-Authenticate", "Bearer"});
        done(std::move(answer));
    };
    check.authenticate(offered, home, std::move(checked));
}

void add_websocket_endpoint(transport::http_routes& routes, websocket_endpoint endpoint,
                            authenticator& check, shard_finder here) {
    auto const shared = std::make_shared<websocket_endpoint const>(std::move(endpoint));
    auto handle = [shared, &check, here = std::move(here)](http_exchange_ptr const& exchange) {
        auto const& request = exchange->request();
        if (!exchange->is_websocket_upgrade()) {
            auto answer = transport::text_response(
                426,
                "This address speaks STOMP over WebSocket: a WebSocket handshake is expected.\n");
            answer.headers.push_back({"Upgrade", "websocket"});
            answer.headers.push_back({"Sec-WebSocket-Version", "13"});
            exchange->respond(std::move(answer));
            return;
        }
        if (!origin_allowed(request, shared->allowed_origins)) {
            exchange->respond(transport::text_response(403, "This origin may not connect.\n"));
            return;
        }
        auto decided = [exchange, shared, here](std::optional<http_response> refusal) {
            if (refusal) return exchange->respond(std::move(*refusal));
            auto link = make_websocket_link(here(), handshake_credentials(exchange->request()));
            exchange->accept_websocket(subprotocol_for(exchange->request()), shared->options,
                                       std::move(link));
        };
        check_handshake(check, request, exchange->home(), std::move(decided));
    };
    routes.add(shared->path, std::move(handle), http_route_group::websocket);
}

}  // namespace broker
