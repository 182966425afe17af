#include "broker/gather.hpp"
#include "broker/peer/stomp_peer.hpp"
#include "chat/json/audit_json.hpp"
#include "node/console/answers.hpp"
#include "node/console/impl.hpp"
#include "node/console/questions.hpp"

#include <algorithm>
#include <optional>
#include <utility>

// The sessions of this node, and what they are subscribed to.

namespace node::console {
namespace {

// Of each shard. With more than that, some that has few on each may be missing in the sum.
constexpr std::size_t counted_destinations = 10'000;

constexpr chat::rest::problem unknown_subscription{
    404, "unknown_subscription", "There is no such subscription.",
    "The session has no live subscription with this id."};

template <typename Answer>
std::optional<Answer> first_of(std::vector<std::optional<Answer>> const& answers) {
    for (auto const& each : answers) {
        if (each) return each;
    }
    return std::nullopt;
}

}  // namespace

void service::impl::list_rooms(rest_call asked) {
    auto const limit = read_room_limit(asked.request());
    if (limit.has_error()) return asked.refuse(limit.error());
    auto& home = asked.home();
    auto ask = [](broker::shard& where) {
        return where.busiest_destinations(counted_destinations);
    };
    using reports = std::vector<broker::destination_report>;
    auto done = [asked = std::move(asked), limit = *limit](std::vector<reports> found) mutable {
        asked.answer(200, destinations_json(together(std::move(found), limit)));
    };
    broker::gather(with.sessions, home, std::move(ask), std::move(done));
}

void service::impl::list_sessions(rest_call asked) {
    auto const question = read_session_question(asked.request());
    if (question.has_error()) return asked.refuse(question.error());
    auto& home = asked.home();
    auto ask = [question = *question](broker::shard& where) {
        return where.list_sessions(question);
    };
    auto done = [asked = std::move(asked),
                 question = *question](std::vector<broker::session_listing> found) mutable {
        asked.answer(200, sessions_json(together(std::move(found), question)));
    };
    broker::gather(with.sessions, home, std::move(ask), std::move(done));
}

namespace {

using details = std::optional<broker::session_details>;

// Calls `done` with the call and what there is to know of its session; answers where there is none.
template <typename Done>
void with_session(broker::server& sessions, call asked, Done done) {
    auto& home = asked.rest.home();
    auto ask = [id = asked.parameters[1]](broker::shard& where) -> details {
        auto const found = where.find_session(id);
        if (found == nullptr) return std::nullopt;
        return found->details();
    };
    auto gathered = [asked = std::move(asked),
                     done = std::move(done)](std::vector<details> const& found) mutable {
        auto const there = first_of(found);
        if (!there) return asked.rest.refuse(unknown_session);
        done(std::move(asked), *there);
    };
    broker::gather(sessions, home, std::move(ask), std::move(gathered));
}

// Calls `act` with the session's peer on its shard, then answers 204, or 404 if it has gone.
template <typename Act>
void act_on_session(broker::server& sessions, rest_call asked, std::string id, Act act) {
    auto& home = asked.home();
    auto ask = [id = std::move(id), act = std::move(act)](broker::shard& where) -> int {
        auto const found = where.find_session(id);
        if (found == nullptr) return 0;
        act(*found);
        return 1;
    };
    auto done = [asked = std::move(asked)](std::vector<int> const& found) mutable {
        if (std::ranges::count(found, 1) == 0) return asked.refuse(unknown_session);
        asked.answer(204, {});
    };
    broker::gather(sessions, home, std::move(ask), std::move(done));
}

chat::new_audit_entry entry_of(call const& asked, chat::audit_action action,
                               std::string const& user) {
    chat::new_audit_entry entry;
    entry.action = action;
    entry.origin = asked.rest.origin(asked.rest.caller().user);
    set_user(entry, user);
    return entry;
}

}  // namespace

void service::impl::show_session(call asked) {
    with_session(with.sessions, std::move(asked),
                 [](call known, broker::session_details const& there) {
                     known.rest.answer(200, session_json(there));
                 });
}

void service::impl::kick(call asked) {
    auto found = [this](call known, broker::session_details const& there) {
        auto entry = entry_of(known, chat::audit_action::session_kick, there.session.user);
        entry.details = chat::json::details_of(
            entry.origin, {.user = there.session.user, .session = there.session.session});
        auto act = [this, id = there.session.session](rest_call recorded) {
            act_on_session(with.sessions, std::move(recorded), id, [](broker::stomp_peer& who) {
                who.request_close(broker::close_reason::kicked,
                                  "An operator has closed this session.");
            });
        };
        record(std::move(known.rest), std::move(entry), std::move(act));
    };
    with_session(with.sessions, std::move(asked), std::move(found));
}

void service::impl::end_subscription(call asked) {
    auto found = [this](call known, broker::session_details const& there) {
        auto const named = read_named(known.rest.request(), known.parameters, 2, "id");
        if (named.has_error()) return known.rest.refuse(named.error());
        auto const& id = *named;
        auto const which =
            std::ranges::find(there.subscriptions, id, &broker::subscription_report::id);
        if (which == there.subscriptions.end()) return known.rest.refuse(unknown_subscription);
        auto entry = entry_of(known, chat::audit_action::subscription_end, there.session.user);
        entry.details = chat::json::details_of(entry.origin, {.user = there.session.user,
                                                              .session = there.session.session,
                                                              .subscription = id,
                                                              .destination = which->destination});
        auto act = [this, session = there.session.session, id,
                    why = "An operator has ended the subscription to " + which->destination +
                          "."](rest_call recorded) {
            act_on_session(with.sessions, std::move(recorded), session,
                           [id, why](broker::stomp_peer& who) { who.end_subscription(id, why); });
        };
        record(std::move(known.rest), std::move(entry), std::move(act));
    };
    with_session(with.sessions, std::move(asked), std::move(found));
}

}  // namespace node::console
