#pragma once

#include "chat/room_access.hpp"

#include <cstdint>
#include <optional>
#include <vector>

// The history of a room. Each function is one piece of work in a transaction, on a database thread.
// (Sending is not here: messages are stored by message_writer.)

namespace chat::message_service {

struct message_page {
    chat::room room;
    std::vector<stored_message> messages;
    bool more = false;  // in the direction of the page
};

// Newest first: those before the seq `before`, or the newest ones.
result<message_page> newest_first(unit_of_work& unit, room_id room, identity const& caller,
                                  std::optional<std::uint64_t> before, std::size_t limit);

// Ascending: those after the seq `after`, for catching up.
result<message_page> ascending(unit_of_work& unit, room_id room, identity const& caller,
                               std::uint64_t after, std::size_t limit);

}  // namespace chat::message_service
