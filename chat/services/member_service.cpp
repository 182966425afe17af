#include "chat/services/member_service.hpp"

#include "chat/json/audit_json.hpp"

namespace chat::member_service {
namespace {

result<joined> admit(unit_of_work& unit, room found, newcomer const& who,
                     audit_origin const& origin, bool invited = false) {
    auto const nickname = remember(unit, who.user, who.nickname);
    auto added = unit.add_member(found.id, who.user, nickname, member_role::member);
    if (!added) return added.error();
    auto announced = unit.append({.room = found.id,
                                  .author = who.user,
                                  .nickname = nickname,
                                  .type = message_type::join,
                                  .content = who.content,
                                  .idempotency_key = {},
                                  .invited = invited});
    if (!announced) return announced.error();
    // What was said before one came is not unread.
    auto read = unit.set_last_read(found.id, who.user, announced->seq);
    if (!read) return read.error();
    if (!origin.is(who.user)) {
        unit.record({.action = audit_action::member_add,
                     .origin = origin,
                     .room = found.id,
                     .user = who.user,
                     .message = announced->id,
                     .details = json::details_of(origin, {.nickname = nickname})});
    }
    added->last_read_seq = *read;
    found.last_seq = announced->seq;
    ++found.member_count;
    return joined{{std::move(found), std::move(*added)}, std::move(*announced)};
}

std::optional<joined> already_in(unit_of_work& unit, room const& found, user_id user) {
    auto own = unit.find_member(found.id, user);
    if (!own) return std::nullopt;
    return joined{{found, std::move(*own)}, std::nullopt};
}

// For those to whom it is no error when the user is a member already.
result<joined> admit_once(unit_of_work& unit, room const& found, newcomer const& who,
                          audit_origin const& origin) {
    auto admitted = admit(unit, found, who, origin);
    if (admitted || admitted.error() != errc::already_a_member) return admitted;
    // The same user came in by another connection since the first look.
    auto own = already_in(unit, found, who.user);
    if (!own) return admitted;
    return std::move(*own);
}

}  // namespace

std::string remember(unit_of_work& unit, user_id user, std::string_view nickname) {
    unit.remember_user(user, nickname);
    if (!nickname.empty()) return std::string(nickname);
    auto known = unit.find_user(user);
    if (known && !known->nickname.empty()) return std::move(known->nickname);
    return "user " + std::to_string(user.value);
}

result<joined> join(unit_of_work& unit, newcomer const& who, audit_origin const& origin) {
    auto found = unit.find_room(who.room);
    if (!found) return found.error();
    if (auto own = already_in(unit, *found, who.user)) return std::move(*own);
    if (auto allowed = may_join(*found); !allowed) return allowed.error();
    return admit_once(unit, *found, who, origin);
}

result<joined> add(unit_of_work& unit, newcomer const& who, identity const& caller,
                   audit_origin const& origin) {
    auto found = unit.find_room(who.room);
    if (!found) return found.error();
    if (auto allowed = may_add_member(unit, *found, who.user, caller); !allowed)
        return allowed.error();
    return admit(unit, std::move(*found), who, origin, caller.user != who.user);
}

result<joined> ensure(unit_of_work& unit, newcomer const& who, audit_origin const& origin) {
    auto found = unit.find_room(who.room);
    if (!found) return found.error();
    if (auto own = already_in(unit, *found, who.user)) return std::move(*own);
    if (!found->active) return errc::room_inactive;
    return admit_once(unit, *found, who, origin);
}

result<stored_message> leave(unit_of_work& unit, room_id room, user_id user,
                             std::string_view content, audit_origin const& origin) {
    auto found = unit.find_room(room);
    if (!found) return found.error();
    auto own = unit.find_member(room, user);
    if (!own) return own.error();
    if (auto allowed = may_leave(*found); !allowed) return allowed.error();
    auto announced = unit.append({.room = room,
                                  .author = user,
                                  .nickname = std::move(own->nickname),
                                  .type = message_type::leave,
                                  .content = std::string(content),
                                  .idempotency_key = {}});
    if (!announced) return announced.error();
    // Only one of two that leave at once ends the membership; the other's message is rolled back.
    if (auto removed = unit.remove_member(room, user); !removed) return removed.error();
    if (!origin.is(user)) {
        unit.record({.action = audit_action::member_remove,
                     .origin = origin,
                     .room = room,
                     .user = user,
                     .message = announced->id,
                     .details = json::details_of(origin)});
    }
    return announced;
}

result<std::vector<member>> list(unit_of_work& unit, room_id room, identity const& caller,
                                 user_id after, std::size_t limit) {
    if (auto view = readable_room(unit, room, caller); !view) return view.error();
    return unit.list_members(room, after, limit);
}

}  // namespace chat::member_service
