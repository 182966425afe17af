#include "broker/peer/endpoints.hpp"

#include "broker/peer/websocket_link.hpp"
#include "broker/shard.hpp"
#include "broker/transport/client_of.hpp"
#include "stomp/version.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace broker {
namespace {

using transport::client_of;
using transport::http_exchange_ptr;
using transport::http_request;
using transport::http_response;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

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

transport::http_response with_wait(unsigned status, std::chrono::nanoseconds wait,
                                   std::string why) {
    auto answer = transport::text_response(status, std::move(why) + "\n");
    auto const seconds = std::max(std::chrono::ceil<std::chrono::seconds>(wait), 1s);
    answer.headers.push_back({"Retry-After", std::to_string(seconds.count())});
    return answer;
}

transport::http_response too_many_requests(std::chrono::nanoseconds wait, std::string why) {
    return with_wait(429, wait, std::move(why));
}

std::optional<link_origin> origin_of(limiting::limiter& limits, http_request const& request) {
    auto const from = client_of(request, limits.proxies());
    auto pass = limits.admit_session(from, clock::now());
    if (!pass) return std::nullopt;
    return link_origin{handshake_credentials(request), std::move(*pass), from};
}

void check_handshake(gatekeepers ask, http_request const& request, executor& home,
                     unique_function<void(std::optional<http_response>)> done) {
    auto& limits = ask.limits;
    auto const from = client_of(request, limits.proxies());
    if (auto const wait = limits.begin_session(from, clock::now()); wait.count() > 0) {
        return done(too_many_requests(wait, "Too many sessions were begun from this address."));
    }
    auto const offered = handshake_credentials(request);
    if (!offered.authorization) return done(std::nullopt);
    if (auto const wait = limits.login_wait(from, clock::now()); wait.count() > 0) {
        return done(too_many_requests(wait, "Too many wrong credentials from this address."));
    }
    auto checked = [&limits, from, done = std::move(done)](auth_outcome outcome) mutable {
        auto const* refusal = std::get_if<auth_refusal>(&outcome);
        if (refusal == nullptr) return done(std::nullopt);
        if (is_wrong(*refusal)) limits.on_wrong_credentials(from, clock::now());
        if (was_not_checked(*refusal)) {
            return done(with_wait(503, refusal->retry_after.value_or(1s), refusal->reason));
        }
        bool const banned = refusal->code == "banned";
        auto answer = transport::text_response(banned ? 403 : 401, refusal->reason + "\n");
        if (!banned) answer.headers.push_back({"WWW-Authenticate", "Bearer"});
        done(std::move(answer));
    };
    ask.check.authenticate(offered, home, std::move(checked));
}

void add_websocket_endpoint(transport::http_routes& routes, websocket_endpoint endpoint,
                            gatekeepers ask, shard_finder here) {
    auto const shared = std::make_shared<websocket_endpoint const>(std::move(endpoint));
    auto handle = [shared, ask, here = std::move(here)](http_exchange_ptr const& exchange) {
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
        auto decided = [exchange, shared, ask, here](std::optional<http_response> refusal) {
            if (refusal) return exchange->respond(std::move(*refusal));
            auto from = origin_of(ask.limits, exchange->request());
            if (!from) {
                return exchange->respond(
                    too_many_requests(10s, "This address has as many sessions as it may have."));
            }
            auto link = make_websocket_link(here(), std::move(*from));
            exchange->accept_websocket(subprotocol_for(exchange->request()), shared->options,
                                       std::move(link));
        };
        check_handshake(ask, request, exchange->home(), std::move(decided));
    };
    routes.add(shared->path, std::move(handle), http_route_group::websocket);
}

}  // namespace broker
