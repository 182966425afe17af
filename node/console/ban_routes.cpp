#include "broker/auth/login_name.hpp"
#include "broker/transport/loop.hpp"
#include "chat/banned_users.hpp"
#include "chat/json/audit_json.hpp"
#include "chat/limits.hpp"
#include "chat/operations/notices.hpp"
#include "node/console/answers.hpp"
#include "node/console/bodies.hpp"
#include "node/console/impl.hpp"
#include "node/console/questions.hpp"

#include <chrono>
#include <utility>

// Who may not come in, and what is told to those who are there.

namespace node::console {
namespace {

using chat::errc;
using chat::refusal;

constexpr chat::rest::problem own_user{409, "own_user", "Nobody bans themselves.",
                                       "These are the credentials that the request came with."};

bool is_caller(chat::audit_actor const& actor, std::string_view user) {
    return user == actor.name || (actor.user && user == std::to_string(actor.user->value));
}

}  // namespace

void service::impl::list_bans(rest_call asked) {
    auto& home = asked.home();
    auto work = [](chat::unit_of_work& unit) -> chat::result<std::vector<chat::ban>> {
        return unit.list_bans();
    };
    auto done = [asked = std::move(asked)](chat::result<std::vector<chat::ban>> found) mutable {
        if (!found) return asked.refuse(found.error());
        asked.answer(200, bans_json(*found));
    };
    in_transaction(with.store, chat::access::read_only, home, std::move(work), std::move(done));
}

void service::impl::ban(call asked) {
    auto const named = read_named(asked.rest.request(), asked.parameters, 0, "user");
    if (named.has_error()) return asked.rest.refuse(named.error());
    auto const& user = *named;
    if (user.size() > broker::auth::max_login_bytes)
        return asked.rest.refuse(refusal(errc::bad_field, "A user's name has up to 255 bytes."));
    auto const body = asked.rest.optional_json_body();
    if (body.has_error()) return asked.rest.refuse(body.error());
    auto reason = decode_reason(*body);
    if (reason.has_error()) return asked.rest.refuse(reason.error());
    chat::new_audit_entry entry;
    entry.action = chat::audit_action::user_ban;
    entry.origin = asked.rest.origin(asked.rest.caller().user);
    if (is_caller(entry.origin.actor, user)) return asked.rest.refuse(own_user);
    set_user(entry, user);
    entry.details = chat::json::details_of(entry.origin, {.user = user, .reason = *reason});
    chat::ban what{
        .user = user,
        .by = entry.origin.actor.name,
        .since = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
        .reason = std::move(*reason)};
    change_bans(std::move(asked.rest),
                [what = std::move(what),
                 entry = std::move(entry)](chat::unit_of_work& unit) -> chat::result<int> {
                    unit.put_ban(what);
                    unit.record(entry);
                    return 1;
                });
}

void service::impl::unban(call asked) {
    auto const named = read_named(asked.rest.request(), asked.parameters, 0, "user");
    if (named.has_error()) return asked.rest.refuse(named.error());
    auto const& user = *named;
    chat::new_audit_entry entry;
    entry.action = chat::audit_action::user_unban;
    entry.origin = asked.rest.origin(asked.rest.caller().user);
    set_user(entry, user);
    entry.details = chat::json::details_of(entry.origin, {.user = user});
    change_bans(std::move(asked.rest),
                [user, entry = std::move(entry)](chat::unit_of_work& unit) -> chat::result<int> {
                    if (unit.lift_ban(user)) unit.record(entry);
                    return 1;
                });
}

// First in the store, then here, then on the other nodes; then it is answered.
void service::impl::change_bans(rest_call asked,
                                std::function<chat::result<int>(chat::unit_of_work&)> work) {
    auto& home = asked.home();
    auto done = [this, asked = std::move(asked)](chat::result<int> stored) mutable {
        if (!stored) return asked.refuse(stored.error());
        auto& shard = *broker::transport::loop::current();
        auto read = [this, &shard, asked = std::move(asked)]() mutable {
            shard.post([this, &shard, asked = std::move(asked)]() mutable {
                tell_of_bans(shard,
                             [asked = std::move(asked)]() mutable { asked.answer(204, {}); });
            });
        };
        with.bans.read_now(std::move(read));
    };
    in_transaction(with.store, chat::access::read_write, home, std::move(work), std::move(done));
}

void service::impl::broadcast(rest_call asked) {
    auto const body = asked.json_body();
    if (body.has_error()) return asked.refuse(body.error());
    auto what = decode_broadcast(*body);
    if (what.has_error()) return asked.refuse(what.error());
    auto& chat = asked.chat();
    auto& home = asked.home();
    auto origin = asked.origin(asked.caller().user);
    auto done = [asked = std::move(asked)](chat::result<void> told) mutable {
        if (!told) return asked.refuse(told.error());
        asked.answer(202, {});
    };
    chat::operations::tell(chat, home, std::move(*what), std::move(origin), std::move(done));
}

}  // namespace node::console
