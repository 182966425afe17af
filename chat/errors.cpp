#include "chat/errors.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace chat {
namespace {

constexpr std::array rows{
    errc_row{errc::no_such_room, "no_such_room", 404, "The room does not exist."},
    errc_row{errc::not_a_member, "not_a_member", 403, "The caller is not a member of the room."},
    errc_row{errc::already_a_member, "already_a_member", 409,
             "The user is a member of the room already."},
    errc_row{errc::room_full, "room_full", 409, "The room has its maximum of members."},
    errc_row{errc::room_inactive, "room_inactive", 409, "The room takes no messages any more."},
    errc_row{errc::room_private, "room_private", 403, "The room is joined by invitation only."},
    errc_row{errc::room_direct, "room_direct", 403,
             "The room is a direct one: nobody else joins it, and nobody leaves it."},
    errc_row{errc::study_has_room, "study_has_room", 409, "The study has a room already."},
    errc_row{errc::no_such_message, "no_such_message", 404, "The message does not exist."},
    errc_row{errc::no_such_user, "no_such_user", 404, "The user is not known."},
    errc_row{errc::sender_mismatch, "sender_mismatch", 403,
             "The named sender is somebody else than the caller."},
    errc_row{errc::caller_unknown, "caller_unknown", 401,
             "The credentials name no user of the chat."},
    errc_row{errc::content_empty, "content_empty", 400, "A message needs content."},
    errc_row{errc::content_too_long, "content_too_long", 400, "The content is too long."},
    errc_row{errc::bad_json, "bad_json", 400, "The body is not a JSON object."},
    errc_row{errc::bad_field, "bad_field", 400, "A field is missing or is not what it must be."},
    errc_row{errc::bad_cursor, "bad_cursor", 400, "The cursor was not made for this list."},
    errc_row{errc::idempotency_conflict, "idempotency_conflict", 409,
             "The idempotency key was used for another message."},
    errc_row{errc::no_such_destination, "no_such_destination", 404,
             "Nothing is behind this address."},
    errc_row{errc::store_busy, "store_busy", 503,
             "Too many writes are waiting; nothing was stored. Try again."},
    errc_row{errc::store_unavailable, "store_unavailable", 503,
             "The database could not be reached in time; nothing was stored. Try again."},
    errc_row{errc::store_in_doubt, "store_in_doubt", 503,
             "The database did not say in time whether it is stored: it may be. Send it again with "
             "the same idempotency key, which stores it once."},
    errc_row{errc::forbidden, "forbidden", 403, "The caller's role does not allow it."},
    errc_row{errc::method_not_allowed, "method_not_allowed", 405,
             "The address does not take this method."},
    errc_row{errc::unsupported_media, "unsupported_media", 415,
             "The body must be application/json."},
};

consteval bool rows_follow_the_enum() {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (static_cast<std::size_t>(rows[i].value) != i + 1) return false;
    }
    return rows.size() == static_cast<std::size_t>(errc::unsupported_media);
}
static_assert(rows_follow_the_enum());

class chat_category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "chat"; }
    std::string message(int value) const override {
        auto known = value >= 1 && static_cast<std::size_t>(value) <= rows.size();
        return known ? std::string(describe(static_cast<errc>(value)).title) : "unknown error";
    }
};

}  // namespace

errc_row const& describe(errc value) noexcept {
    return rows[static_cast<std::size_t>(value) - 1];
}

boost::system::error_category const& error_category() noexcept {
    static chat_category const category;
    return category;
}

boost::system::error_code make_error_code(errc value) noexcept {
    return {static_cast<int>(value), error_category()};
}

}  // namespace chat
