#pragma once

#include "chat/room_access.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Who belongs to a room. Joining and leaving store a message in the same transaction, so that the
// history tells about them in its order. Each function is one piece of work in a transaction, on a
// database thread.

namespace chat::member_service {

// Makes the user known and answers the nickname to use: the given one, else the known one, else
// "user 42".
std::string remember(unit_of_work& unit, user_id user, std::string_view nickname);

struct newcomer {
    room_id room;
    user_id user;
    std::string nickname;  // empty: the one that is known
    std::string content;   // of the JOIN message
};

struct joined {
    room_view view;
    std::optional<stored_message> announced;  // nothing: was a member already
};

// What `origin` asks for is audited where it is somebody else than the user.

// By the user's own will. Joining again is no error. no_such_room, room_private, room_inactive,
// room_full.
result<joined> join(unit_of_work& unit, newcomer const& who, audit_origin const& origin);

// By somebody else: see may_add_member. already_a_member as well.
result<joined> add(unit_of_work& unit, newcomer const& who, identity const& caller,
                   audit_origin const& origin);

// By a back end that may say it twice: no error when the user is a member already.
result<joined> ensure(unit_of_work& unit, newcomer const& who, audit_origin const& origin);

// Ends the membership; answers the LEAVE message. no_such_room, not_a_member, forbidden.
result<stored_message> leave(unit_of_work& unit, room_id room, user_id user,
                             std::string_view content, audit_origin const& origin);

// The members that a reader of the room may see, by user id ascending.
result<std::vector<member>> list(unit_of_work& unit, room_id room, identity const& caller,
                                 user_id after, std::size_t limit);

}  // namespace chat::member_service
