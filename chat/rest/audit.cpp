#include "chat/json/audit_json.hpp"
#include "chat/limits.hpp"
#include "chat/rest/cursor.hpp"
#include "chat/rest/handlers.hpp"
#include "stomp/utf8.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <string_view>
#include <utility>

// The audit log, for administrators.

namespace chat::rest {
namespace {

checked<std::optional<audit_action>> action_parameter(rest_call const& call) {
    auto const name = call.request().query_parameter("action");
    if (!name) return std::optional<audit_action>();
    auto const known = std::ranges::find(audit_actions, *name);
    if (known != audit_actions.end())
        return std::optional(static_cast<audit_action>(known - audit_actions.begin()));
    std::string sentence = "The parameter 'action' must be one of";
    for (auto const each : audit_actions) sentence.append(" ").append(each);
    return refusal(errc::bad_field, sentence.append("."));
}

// A number from 1 on under which `Id` is known.
template <typename Id>
checked<std::optional<Id>> id_parameter(rest_call const& call, std::string_view name) {
    auto const number = call.number_parameter(name);
    if (number.has_error()) return number.error();
    if (!*number) return std::optional<Id>();
    if (**number != 0) return std::optional(Id(**number));
    return refusal(errc::bad_field,
                   std::string("The parameter '").append(name) + "' must be a number from 1 on.");
}

checked<audit_filter> read_filter(rest_call const& call) {
    audit_filter wanted;
    auto const actor = id_parameter<user_id>(call, "actorId");
    if (actor.has_error()) return actor.error();
    auto const room = id_parameter<room_id>(call, "chatRoomId");
    if (room.has_error()) return room.error();
    auto const user = id_parameter<user_id>(call, "affectedUserId");
    if (user.has_error()) return user.error();
    auto const action = action_parameter(call);
    if (action.has_error()) return action.error();
    auto const from = call.time_parameter("from");
    if (from.has_error()) return from.error();
    auto const until = call.time_parameter("until");
    if (until.has_error()) return until.error();
    auto actor_name = call.request().query_parameter("actorName").value_or("");
    // Databases take nothing else.
    if (actor_name.find('\0') != std::string::npos || !stomp::is_valid_utf8(actor_name))
        return refusal(errc::bad_field, "The parameter 'actorName' must be text.");
    return audit_filter{.actor = *actor,
                        .actor_name = std::move(actor_name),
                        .room = *room,
                        .user = *user,
                        .action = *action,
                        .from = *from,
                        .until = *until};
}

// A cursor belongs to the list that one filter makes. FNV-1a, over all of its fields.
std::uint64_t scope_of(audit_filter const& wanted) {
    std::uint64_t hash = 14695981039346656037U;
    auto const add = [&hash](std::uint64_t value) {
        for (auto shift = 0U; shift < 64; shift += 8)
            hash = (hash ^ (value >> shift & 0xffU)) * 1099511628211U;
    };
    add(wanted.actor ? wanted.actor->value : 0);
    add(wanted.room ? wanted.room->value : 0);
    add(wanted.user ? wanted.user->value : 0);
    add(wanted.action ? 1 + static_cast<std::uint64_t>(*wanted.action) : 0);
    for (auto const time : {wanted.from, wanted.until})
        add(time ? std::bit_cast<std::uint64_t>(time->time_since_epoch().count()) : ~0ULL);
    for (auto const letter : wanted.actor_name) add(static_cast<unsigned char>(letter));
    return hash;
}

}  // namespace

void list_audit(rest_call call) {
    if (!call.caller().admin) return call.refuse(refusal(errc::forbidden));
    auto const limit = call.limit();
    if (limit.has_error()) return call.refuse(limit.error());
    auto filter = read_filter(call);
    if (filter.has_error()) return call.refuse(filter.error());
    auto const scope = scope_of(*filter);
    auto const cursor = call.cursor(cursor_kind::audit, scope);
    if (cursor.has_error()) return call.refuse(cursor.error());
    auto const before = cursor->value_or(limits::highest_id);
    auto& store = call.chat().store;
    auto& home = call.home();
    auto work = [filter = std::move(*filter), before,
                 limit = *limit](unit_of_work& unit) -> result<std::vector<audit_entry>> {
        return unit.read_audit(filter, before, limit + 1);
    };
    auto done = [call = std::move(call), scope,
                 limit = *limit](result<std::vector<audit_entry>> found) mutable {
        if (!found) return call.refuse(found.error());
        std::optional<std::string> next;
        if (found->size() > limit) {
            found->resize(limit);
            next = make_cursor(cursor_kind::audit, scope, found->back().id);
        }
        call.answer(200, json::audit_page(*found, next));
    };
    in_transaction(store, access::replica_read, home, std::move(work), std::move(done));
}

}  // namespace chat::rest
