#pragma once

#include "chat/message_builder.hpp"
#include "chat/ports/unit_of_work.hpp"

#include <cstdint>
#include <optional>

// How far a member has read. What is unread is always the room's last seq less the member's last
// read one: a counter of its own would drift. Each function is one piece of work in a transaction,
// on a database thread.

namespace chat::read_service {

struct marked {
    read_state state;
    std::string nickname;  // the member's
};

// Up to `seq`, or up to the room's last message; never backwards. no_such_room, not_a_member.
result<marked> mark_read(unit_of_work& unit, room_id room, user_id user,
                         std::optional<std::uint64_t> seq);

// no_such_room, not_a_member.
result<read_state> unread(unit_of_work& unit, room_id room, user_id user);

}  // namespace chat::read_service
