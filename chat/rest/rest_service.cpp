#include "chat/rest/rest_service.hpp"

#include "broker/transport/client_of.hpp"
#include "chat/rest/cors.hpp"
#include "chat/rest/problem.hpp"
#include "chat/rest/rest_call.hpp"
#include "chat/rest/route_table.hpp"
#include "chat/room_topic.hpp"

#include <chrono>
#include <utility>

namespace chat::rest {
namespace {

using broker::transport::client_of;
using broker::transport::http_exchange_ptr;
using broker::transport::http_request;
using broker::transport::http_response;
using clock = std::chrono::steady_clock;

// The user that a header or the query names: X-User-Id, or userId (also as memberId or senderId).
checked<std::optional<user_id>> named_user(http_request const& request) {
    std::optional<user_id> named;
    auto const take = [&named](std::string_view text) {
        auto const id = parse_id(text);
        auto const fits = id && (!named || *named == user_id(*id));
        if (fits) named = user_id(*id);
        return fits;
    };
    if (auto const header = request.header("X-User-Id"); header && !take(*header))
        return refusal(errc::bad_field, "The header 'X-User-Id' must be the number of a user.");
    for (auto const name : {"userId", "memberId", "senderId"}) {
        auto const parameter = request.query_parameter(name);
        if (!parameter || take(*parameter)) continue;
        return refusal(errc::bad_field, std::string("The parameter '") + name +
                                            "' must be the number of a user, and no other than "
                                            "the one that is named already.");
    }
    return named;
}

checked<identity> caller_of(broker::principal const& who, http_request const& request) {
    auto const named = named_user(request);
    if (named.has_error()) return named.error();
    return acting_as(identity_of(who), *named);
}

void refuse(http_exchange_ptr const& exchange, refusal const& why) {
    respond(*exchange, problem_response(why, exchange->request().path));
}

// For a path that has no such method, but others.
void answer_methods(http_exchange_ptr const& exchange, std::string allow) {
    if (exchange->request().method == "OPTIONS")
        return respond_to_options(*exchange, std::move(allow));
    auto response = problem_response(refusal(errc::method_not_allowed), exchange->request().path);
    response.headers.push_back({"Allow", std::move(allow)});
    respond(*exchange, std::move(response));
}

void serve_document(http_exchange_ptr const& exchange) {
    auto const& method = exchange->request().method;
    if (method != "GET" && method != "HEAD") return answer_methods(exchange, "GET, HEAD");
    http_response response;
    response.headers = {{"Content-Type", "application/yaml"}, {"Cache-Control", "no-cache"}};
    response.static_body = openapi_document();
    respond(*exchange, std::move(response));
}

}  // namespace

// Before credentials are looked at: an address that asks too often, or that brought too many wrong
// ones, costs no more than this.
bool rest_service::may_come(broker::transport::http_exchange& exchange) const {
    if (limits_ == nullptr) return true;
    auto const& request = exchange.request();
    auto const from = client_of(request, limits_->proxies());
    auto allowed = limits_->request_of_address(from.key(), clock::now());
    if (allowed.wait.count() > 0) {
        respond(exchange, too_many_requests(allowed, "address", request.path));
        return false;
    }
    if (!request.header("Authorization")) return true;
    allowed = {.wait = limits_->login_wait(from, clock::now()), .by = {}};
    if (allowed.wait.count() == 0) return true;
    respond(exchange, too_many_requests(allowed, "credentials", request.path));
    return false;
}

bool rest_service::may_ask(broker::transport::http_exchange& exchange,
                           broker::principal const& who) const {
    if (limits_ == nullptr) return true;
    auto const& request = exchange.request();
    if (who.has_role(service_role)) {
        limits_->give_back_request(client_of(request, limits_->proxies()).key(), clock::now());
        return true;
    }
    auto const allowed = limits_->request_of_user(user_key(who), clock::now());
    if (allowed.wait.count() == 0) return true;
    respond(exchange, too_many_requests(allowed, "user", request.path));
    return false;
}

void rest_service::register_routes(broker::transport::http_routes& routes, origin_rule allowed,
                                   broker::limiting::limiter* limits) {
    limits_ = limits;
    routes.add(
        "/api/*",
        [this, allowed = std::move(allowed)](http_exchange_ptr const& exchange) {
            if (!allowed(exchange->request())) {
                // Not told by way of CORS: the page shall not see it.
                exchange->respond(
                    problem_response(refusal(errc::forbidden, "Pages of this origin may not call."),
                                     exchange->request().path));
                return;
            }
            handle(exchange);
        },
        broker::http_route_group::api);
    routes.add(
        "/api/openapi.yaml", [](http_exchange_ptr const& exchange) { serve_document(exchange); },
        broker::http_route_group::api);
}

void rest_service::handle(http_exchange_ptr exchange) {
    auto const& request = exchange->request();
    auto found = find_route(request.method, request.path);
    if (found.allow.empty()) return refuse(exchange, refusal(errc::no_such_destination));
    if (found.row == nullptr) return answer_methods(exchange, std::move(found.allow));

    auto call = [&chat = chat_, handle = found.row->handle,
                 parameters = std::move(found.parameters)](http_exchange_ptr admitted,
                                                           broker::principal_ptr const& who,
                                                           identity const& caller) mutable {
        handle(rest_call(chat, std::move(admitted), who, caller, std::move(parameters)));
    };
    admit(std::move(exchange), limits_kept::here, std::move(call));
}

void rest_service::admit_admin(http_exchange_ptr exchange, limits_kept where,
                               broker::unique_function<void(rest_call)> then) {
    auto call = [&chat = chat_, then = std::move(then)](http_exchange_ptr admitted,
                                                        broker::principal_ptr const& who,
                                                        identity const& caller) mutable {
        rest_call made(chat, std::move(admitted), who, caller, {});
        if (!caller.admin) return made.refuse(refusal(errc::forbidden));
        then(std::move(made));
    };
    admit(std::move(exchange), where, std::move(call));
}

void rest_service::admit(http_exchange_ptr exchange, limits_kept where, on_admitted then) {
    bool const here = where == limits_kept::here;
    if (here && !may_come(*exchange)) return;
    auto const& request = exchange->request();
    broker::credentials offered;
    if (auto const header = request.header("Authorization")) offered.authorization = *header;
    auto& home = exchange->home();
    auto authenticated = [this, here, exchange = std::move(exchange),
                          then = std::move(then)](broker::auth_outcome outcome) mutable {
        if (auto const* refused = std::get_if<broker::auth_refusal>(&outcome)) {
            if (here && limits_ != nullptr && is_wrong(*refused)) {
                limits_->on_wrong_credentials(client_of(exchange->request(), limits_->proxies()),
                                              clock::now());
            }
            respond(*exchange, problem_response(*refused, exchange->request().path));
            return;
        }
        auto const& who = std::get<broker::principal_ptr>(outcome);
        if (here && !may_ask(*exchange, *who)) return;
        auto const caller = caller_of(*who, exchange->request());
        if (caller.has_error()) return refuse(exchange, caller.error());
        then(std::move(exchange), who, *caller);
    };
    credentials_.authenticate(offered, home, std::move(authenticated));
}

}  // namespace chat::rest
