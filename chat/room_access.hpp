#pragma once

#include "chat/identity.hpp"
#include "chat/model.hpp"
#include "chat/ports/unit_of_work.hpp"

#include <optional>

// Who may do what with a room. The one place where this is decided; topics, /app and REST ask here.
// Called within a transaction, on a database thread.

namespace chat {

// A room, and what the caller is in it.
struct room_view {
    chat::room room;
    std::optional<member> caller;  // nothing: no member
};

// The room's messages: its members. Where callers are believed (open mode) everybody may read a
// public room. no_such_room, not_a_member, caller_unknown.
result<room_view> readable_room(unit_of_work& unit, room_id room, identity const& caller);

// That the room exists, and its name: everybody for a public room; members and back ends for any.
result<room_view> visible_room(unit_of_work& unit, room const& found, identity const& caller);

// Who of the room's members is connected: readers of the room; back ends and administrators of any.
// no_such_room, not_a_member, caller_unknown.
result<void> may_see_present(unit_of_work& unit, room_id room, identity const& caller);

// Which sessions the user has: the user; back ends and administrators of anybody. Where callers are
// believed (open mode) also those who do not say who they are. forbidden.
result<void> may_see_sessions(user_id of, identity const& caller);

// Whether the caller may make `user` a member. Of a public room: oneself, and by its owner and
// admins anybody; of a private one: by its owner and admins. Back ends, and callers that are
// believed without saying who they are, may always. Nobody is added to a direct room.
// forbidden, room_private, room_direct, room_inactive.
result<void> may_add_member(unit_of_work& unit, room const& room, user_id user,
                            identity const& caller);

// Whether a user may become a member by their own will. room_private, room_direct, room_inactive.
result<void> may_join(room const& room);

// Whether a member may end the membership: of any room but a direct one. room_direct.
result<void> may_leave(room const& room);

}  // namespace chat
