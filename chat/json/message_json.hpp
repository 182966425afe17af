#pragma once

#include "chat/model.hpp"

#include <optional>
#include <string>
#include <string_view>

// A stored message as clients see it: in a room's MESSAGE frames, in a history page, and as the
// answer to a send. The order of the fields is part of what clients were promised.

namespace chat::json {

void append_message(std::string& out, stored_message const& message);

// Who leaves with a message that append_message wrote: the sender's number as it stands there.
// Empty: it is no LEAVE.
std::string_view leaver_in(std::string_view message) noexcept;

// The same for a direct message on /user/queue/messages, which also says to whom it went.
void append_direct_message(std::string& out, stored_message const& message, user_id to);

// Where a message that one of the two wrote stands; nothing: none of them wrote it.
std::optional<message_place> place_in(std::string_view message) noexcept;

}  // namespace chat::json
