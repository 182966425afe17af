#include "node/console/console.hpp"

#include "broker/transport/loop.hpp"
#include "chat/chat_module.hpp"
#include "chat/ports/store.hpp"
#include "chat/rest/cors.hpp"
#include "chat/rest/problem.hpp"
#include "node/console/impl.hpp"
#include "node/console/questions.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace node::console {
namespace {

using broker::transport::http_exchange_ptr;
using chat::errc;
using chat::refusal;
using chat::rest::problem_response;

void refuse(http_exchange_ptr const& exchange, refusal const& why) {
    chat::rest::respond(*exchange, problem_response(why, exchange->request().path));
}

void answer_methods(http_exchange_ptr const& exchange, std::string allow) {
    if (exchange->request().method == "OPTIONS")
        return chat::rest::respond_to_options(*exchange, std::move(allow));
    auto response = problem_response(refusal(errc::method_not_allowed), exchange->request().path);
    response.headers.push_back({"Allow", std::move(allow)});
    chat::rest::respond(*exchange, std::move(response));
}

}  // namespace

void set_user(chat::new_audit_entry& entry, std::string_view user) {
    std::uint64_t number = 0;
    auto const parsed = std::from_chars(user.data(), user.data() + user.size(), number);
    bool const whole = parsed.ec == std::errc() && parsed.ptr == user.data() + user.size();
    if (whole && number != 0 && number <= chat::limits::highest_id)
        entry.user = chat::user_id(number);
}

service::impl::impl(options given, parts const& parts_of_node)
    : how(std::move(given)), with(parts_of_node), others(how.forwarding) {}

service::service(options how, parts const& with)
    : impl_(std::make_unique<impl>(std::move(how), with)) {}

service::~service() = default;

void service::add_to(broker::transport::http_routes& routes) {
    routes.add(
        "/console/api/*",
        [self = impl_.get()](http_exchange_ptr const& exchange) { self->handle(exchange, false); },
        broker::http_route_group::operations);
}

void service::add_internal_to(broker::transport::http_routes& routes) {
    auto const guarded = [self = impl_.get()](auto handle) {
        return [self, handle](http_exchange_ptr const& exchange) {
            if (!self->others.accepts(exchange->request()))
                return refuse(exchange, refusal(errc::no_such_destination));
            handle(exchange);
        };
    };
    routes.add("/console/api/*", guarded([self = impl_.get()](http_exchange_ptr const& exchange) {
                   self->handle(exchange, true);
               }),
               broker::http_route_group::internal);
    routes.add("/console/internal/bans",
               guarded([self = impl_.get()](http_exchange_ptr const& exchange) {
                   self->handle_word(exchange);
               }),
               broker::http_route_group::internal);
}

void service::impl::handle(http_exchange_ptr const& exchange, bool forwarded) {
    auto const& request = exchange->request();
    if (!how.origin_allowed(request)) {
        // Not told by way of CORS: the page shall not see it.
        return exchange->respond(problem_response(
            refusal(errc::forbidden, "Pages of this origin may not call."), request.path));
    }
    auto found = find_route(request.method, request.path);
    if (found.allow.empty()) return refuse(exchange, refusal(errc::no_such_destination));
    if (!found.what) return answer_methods(exchange, std::move(found.allow));
    auto then = [this, what = *found.what, parameters = std::move(found.parameters),
                 forwarded](rest_call admitted) mutable {
        dispatch({std::move(admitted), what, std::move(parameters)}, forwarded);
    };
    with.chat.admit_admin(exchange, forwarded, std::move(then));
}

void service::impl::dispatch(call asked, bool forwarded) {
    if (!std::ranges::all_of(asked.parameters, is_text))
        return asked.rest.refuse(refusal(errc::bad_field, "The address must be text."));
    bool const elsewhere = is_of_a_node(asked.what) && asked.parameters.front() != how.node_id;
    if (!elsewhere) return serve(std::move(asked));
    // It is not forwarded twice: who sent it has another opinion of who is who.
    if (forwarded) return asked.rest.refuse(unknown_node);
    forward(std::move(asked));
}

void service::impl::serve(call asked) {
    switch (asked.what) {
        case action::list_nodes: return list_nodes(std::move(asked.rest));
        case action::overview: return asked.rest.answer(200, how.overview());
        case action::rooms: return list_rooms(std::move(asked.rest));
        case action::list_sessions: return list_sessions(std::move(asked.rest));
        case action::show_session: return show_session(std::move(asked));
        case action::kick: return kick(std::move(asked));
        case action::end_subscription: return end_subscription(std::move(asked));
        case action::trace: return trace(std::move(asked.rest));
        case action::list_bans: return list_bans(std::move(asked.rest));
        case action::ban: return ban(std::move(asked));
        case action::unban: return unban(std::move(asked));
        case action::broadcast: return broadcast(std::move(asked.rest));
    }
}

void service::impl::record(rest_call asked, chat::new_audit_entry entry,
                           broker::unique_function<void(rest_call)> act) {
    auto& home = asked.home();
    auto work = [entry = std::move(entry)](chat::unit_of_work& unit) -> chat::result<int> {
        unit.record(entry);
        return 1;
    };
    auto recorded = [asked = std::move(asked),
                     act = std::move(act)](chat::result<int> done) mutable {
        if (!done) return asked.refuse(done.error());
        act(std::move(asked));
    };
    in_transaction(with.store, chat::access::read_write, home, std::move(work),
                   std::move(recorded));
}

}  // namespace node::console
