#pragma once

#include "chat/ports/unit_of_work.hpp"

#include <string_view>

// The room that two users have to themselves. Each function is one piece of work in a transaction,
// on a database thread.

namespace chat::direct_service {

// no_such_room when the two have none yet.
result<room_id> find_room(unit_of_work& unit, user_id from, user_id to);

// Makes the room when there is none. no_such_user when the receiver is not known.
result<room_id> open_room(unit_of_work& unit, user_id from, std::string_view nickname, user_id to);

}  // namespace chat::direct_service
