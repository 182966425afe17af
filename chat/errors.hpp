#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string_view>

// Why the chat refuses. Each has a stable code for programs, an HTTP status and a sentence for
// people.

namespace chat {

enum class errc {
    no_such_room = 1,      // The room does not exist.
    not_a_member,          // The caller is no member of the room.
    already_a_member,      // The user is a member of the room already.
    room_full,             // The room has its maximum of members.
    room_inactive,         // The room takes no messages any more.
    room_private,          // The room is joined by invitation only.
    room_direct,           // A direct room's two are its members for good.
    study_has_room,        // A room for this study exists already.
    no_such_message,       // The message does not exist.
    no_such_user,          // The user is not known.
    sender_mismatch,       // senderId is somebody else than the caller.
    caller_unknown,        // The caller has no chat user: credentials name none.
    content_empty,         // A message needs content.
    content_too_long,      // The content exceeds the configured length.
    bad_json,              // The body is not the JSON object that is asked for.
    bad_field,             // A field is missing or of the wrong type.
    bad_cursor,            // The cursor was not made by this server.
    idempotency_conflict,  // The idempotency key was used for another message.
    no_such_destination,   // Nothing is behind this /app destination or address.
    store_busy,            // Too many writes wait; nothing was stored.
    store_unavailable,     // The database could not be reached in time; nothing was stored.
    store_in_doubt,        // It was told to commit, and nobody heard the answer.
    forbidden,             // The caller's role does not allow it.
    method_not_allowed,    // The address exists, but not for this HTTP method.
    unsupported_media,     // The body is of another type than application/json.
};

struct errc_row {
    errc value;
    std::string_view code;  // "not_a_member"
    unsigned http_status;
    std::string_view title;  // one sentence
};

errc_row const& describe(errc value) noexcept;

boost::system::error_category const& error_category() noexcept;
boost::system::error_code make_error_code(errc value) noexcept;

template <typename T>
using result = boost::system::result<T>;

}  // namespace chat

template <>
struct boost::system::is_error_code_enum<chat::errc> : std::true_type {};
