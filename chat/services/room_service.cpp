#include "chat/services/room_service.hpp"

#include "chat/json/audit_json.hpp"
#include "chat/services/member_service.hpp"

#include <algorithm>
#include <unordered_map>

namespace chat::room_service {
namespace {

// A direct room has no name of its own: to each of the two it is the other one.
void name_after_the_other(unit_of_work& unit, room_view& view) {
    if (view.room.type != room_type::direct || !view.room.name.empty() || !view.caller) return;
    for (auto& one : unit.list_members(view.room.id, user_id(0), 2)) {
        if (one.user != view.caller->user) view.room.name = std::move(one.nickname);
    }
}

void record(unit_of_work& unit, room const& made, std::optional<user_id> owner,
            audit_origin const& origin) {
    unit.record({.action = audit_action::room_create,
                 .origin = origin,
                 .room = made.id,
                 .user = owner,
                 .message = {},
                 .details = json::details_of(origin, {.name = made.name, .type = made.type})});
}

result<room_view> view_of(unit_of_work& unit, result<room> const& found, identity const& caller) {
    if (!found) return found.error();
    auto view = visible_room(unit, *found, caller);
    if (view) name_after_the_other(unit, *view);
    return view;
}

}  // namespace

result<room_view> create(unit_of_work& unit, new_room const& fields,
                         std::optional<creator> const& owner, audit_origin const& origin) {
    auto made = unit.create_room(fields);
    if (!made) return made.error();
    auto const owning = owner ? std::optional(owner->user) : std::nullopt;
    if (!owning || !origin.is(*owning)) record(unit, *made, owning, origin);
    room_view view{std::move(*made), std::nullopt};
    if (!owner) return view;
    auto nickname = member_service::remember(unit, owner->user, owner->nickname);
    auto added = unit.add_member(view.room.id, owner->user, nickname, member_role::owner);
    if (!added) return added.error();
    view.room.member_count = 1;
    view.caller = std::move(*added);
    return view;
}

result<room_view> find(unit_of_work& unit, room_id room, identity const& caller) {
    return view_of(unit, unit.find_room(room), caller);
}

result<room_view> find_of_study(unit_of_work& unit, study_id study, identity const& caller) {
    return view_of(unit, unit.find_room_of_study(study), caller);
}

result<study_room> find_or_create(unit_of_work& unit, new_room const& fields,
                                  audit_origin const& origin) {
    auto found = unit.find_room_of_study(*fields.study);
    if (found) return study_room{std::move(*found), false};
    if (found.error() != errc::no_such_room) return found.error();
    auto made = unit.create_room(fields);
    if (made) {
        record(unit, *made, std::nullopt, origin);
        return study_room{std::move(*made), true};
    }
    if (made.error() != errc::study_has_room) return made.error();
    // Somebody else made it since the first look.
    found = unit.find_room_of_study(*fields.study);
    if (!found) return found.error();
    return study_room{std::move(*found), false};
}

result<room_page> list(unit_of_work& unit, identity const& caller, room_id after,
                       std::size_t limit) {
    std::unordered_map<room_id, member> mine;
    if (caller.user) {
        for (auto& one : unit.memberships_of(*caller.user)) mine.emplace(one.room, std::move(one));
    }
    auto found = unit.list_rooms(caller.user, after, limit + 1);  // one more tells whether more
    room_page page;
    page.more = found.size() > limit;
    if (page.more) found.resize(limit);
    page.rooms.reserve(found.size());
    for (auto& room : found) {
        room_view view{std::move(room), std::nullopt};
        if (auto own = mine.find(view.room.id); own != mine.end()) view.caller = own->second;
        name_after_the_other(unit, view);
        page.rooms.push_back(std::move(view));
    }
    return page;
}

}  // namespace chat::room_service
