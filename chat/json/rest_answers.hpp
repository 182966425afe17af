#pragma once

#include "broker/ports/user_sessions.hpp"
#include "chat/message_builder.hpp"
#include "chat/room_access.hpp"
#include "chat/services/message_service.hpp"

#include <optional>
#include <string>
#include <vector>

// The JSON answers of the REST interface.

namespace chat::json {

// {"chatRoomId",…,"member":true,"role",…,"unread"}; the last ones for a member only.
void append_room(std::string& out, room_view const& view);
// The same as a channel: with "channelId" before it.
void append_channel(std::string& out, room_view const& view);

void append_member(std::string& out, member const& one);
void append_read_state(std::string& out, read_state const& state);

// {"messages":[…],"nextCursor":…,"lastSeq":…}
std::string message_page(message_service::message_page const& page,
                         std::optional<std::string> const& next);
// {"rooms":[…],"nextCursor":…} and {"members":[…],"nextCursor":…}
std::string room_page(std::vector<room_view> const& rooms, std::optional<std::string> const& next);
std::string member_page(std::vector<member> const& members, std::optional<std::string> const& next);

// A member who is connected, with this many sessions.
struct present_member {
    user_id user;
    std::string nickname;
    std::uint64_t devices = 0;
};

// {"members":[{"memberId",…,"devices"}],"nextCursor":…,"partial":…}; `whole`: of every node.
std::string present_page(std::vector<present_member> const& members,
                         std::optional<std::string> const& next, bool whole);
// {"userId":…,"devices":…,"sessions":[…],"partial":…}
std::string session_list(user_id of, broker::found_sessions const& found);

}  // namespace chat::json
