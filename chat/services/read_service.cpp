#include "chat/services/read_service.hpp"

#include <algorithm>

namespace chat::read_service {

result<marked> mark_read(unit_of_work& unit, room_id room, user_id user,
                         std::optional<std::uint64_t> seq) {
    auto found = unit.find_room(room);
    if (!found) return found.error();
    auto own = unit.find_member(room, user);
    if (!own) return own.error();
    auto read = unit.set_last_read(room, user, seq.value_or(found->last_seq));
    if (!read) return read.error();
    // Messages may have come between the two reads.
    auto const last_seq = std::max(found->last_seq, *read);
    return marked{{room, last_seq, *read}, std::move(own->nickname)};
}

result<read_state> unread(unit_of_work& unit, room_id room, user_id user) {
    auto found = unit.find_room(room);
    if (!found) return found.error();
    auto own = unit.find_member(room, user);
    if (!own) return own.error();
    return read_state{room, std::max(found->last_seq, own->last_read_seq), own->last_read_seq};
}

}  // namespace chat::read_service
