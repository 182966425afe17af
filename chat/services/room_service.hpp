#pragma once

#include "chat/room_access.hpp"

#include <optional>
#include <string>
#include <vector>

// Rooms: making, finding and listing them. Each function is one piece of work in a transaction, on
// a database thread.

namespace chat::room_service {

// Who makes a room becomes its owner. A room that a back end makes for others has no owner, and is
// audited, as is one whose owner is somebody else than who asked for it.
struct creator {
    user_id user;
    std::string nickname;  // empty: the one that is known
};
result<room_view> create(unit_of_work& unit, new_room const& fields,
                         std::optional<creator> const& owner,
                         audit_origin const& origin);  // study_has_room

result<room_view> find(unit_of_work& unit, room_id room, identity const& caller);
result<room_view> find_of_study(unit_of_work& unit, study_id study, identity const& caller);

// The room of a study, which is made when there is none.
struct study_room {
    chat::room room;
    bool created = false;
};
result<study_room> find_or_create(unit_of_work& unit, new_room const& fields,
                                  audit_origin const& origin);

struct room_page {
    std::vector<room_view> rooms;  // by id ascending
    bool more = false;
};
// Public rooms and the caller's own, after the room `after`. A direct room is called by the name of
// the other one.
result<room_page> list(unit_of_work& unit, identity const& caller, room_id after,
                       std::size_t limit);

}  // namespace chat::room_service
