#include "chat/room_access.hpp"

namespace chat {
namespace {

// A membership that is there or not; other errors (there are none in a usable transaction) count as
// "not there", which grants nothing.
std::optional<member> membership(unit_of_work& unit, room_id room, identity const& caller) {
    if (!caller.user) return std::nullopt;
    auto found = unit.find_member(room, *caller.user);
    if (!found) return std::nullopt;
    return std::move(*found);
}

errc outsider(identity const& caller) {
    return caller.user ? errc::not_a_member : errc::caller_unknown;
}

}  // namespace

result<room_view> readable_room(unit_of_work& unit, room_id id, identity const& caller) {
    auto found = unit.find_room(id);
    if (!found) return found.error();
    room_view view{std::move(*found), membership(unit, id, caller)};
    auto const open = caller.believed && view.room.type == room_type::public_room;
    if (!view.caller && !open) return outsider(caller);
    return view;
}

result<room_view> visible_room(unit_of_work& unit, room const& found, identity const& caller) {
    room_view view{found, membership(unit, found.id, caller)};
    auto const open = caller.service || found.type == room_type::public_room;
    if (!view.caller && !open) return outsider(caller);
    return view;
}

result<void> may_see_present(unit_of_work& unit, room_id room, identity const& caller) {
    if (caller.service || caller.admin) {
        if (auto found = unit.find_room(room); !found) return found.error();
        return {};
    }
    if (auto view = readable_room(unit, room, caller); !view) return view.error();
    return {};
}

result<void> may_see_sessions(user_id of, identity const& caller) {
    bool const anybody = caller.service || caller.admin || (caller.believed && !caller.user);
    if (anybody || caller.user == of) return {};
    return errc::forbidden;
}

result<void> may_add_member(unit_of_work& unit, room const& room, user_id user,
                            identity const& caller) {
    if (room.type == room_type::direct) return errc::room_direct;
    if (!room.active) return errc::room_inactive;
    if (caller.service || (caller.believed && !caller.user)) return {};
    auto const own = membership(unit, room.id, caller);
    if (own && own->role != member_role::member) return {};
    if (caller.user == user) return may_join(room);
    return errc::forbidden;
}

result<void> may_join(room const& room) {
    if (room.type == room_type::direct) return errc::room_direct;
    if (room.type != room_type::public_room) return errc::room_private;
    if (!room.active) return errc::room_inactive;
    return {};
}

result<void> may_leave(room const& room) {
    if (room.type == room_type::direct) return errc::room_direct;
    return {};
}

}  // namespace chat
