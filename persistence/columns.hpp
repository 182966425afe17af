#pragma once

#include "chat/audit.hpp"
#include "chat/model.hpp"
#include "chat/ports/outbox.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

// How values are held in columns. The numbers are in the migrations; they never change meaning.

namespace persistence {

// Cursors and limits beyond what a column can hold mean "the end".
inline std::int64_t clamp_to_column(std::uint64_t value) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(value, most));
}

// Valid UTF-8 without a NUL, which PostgreSQL cannot hold.
bool is_text(std::string_view text) noexcept;

// Values that a newer program wrote are read as the plainest one: nodes of two versions share a
// database during an upgrade.
constexpr std::int64_t to_column(chat::room_type type) {
    return static_cast<std::int64_t>(type);
}
constexpr std::int64_t to_column(chat::member_role role) {
    return static_cast<std::int64_t>(role);
}
constexpr std::int64_t to_column(chat::message_type type) {
    return static_cast<std::int64_t>(type);
}
constexpr std::int64_t to_column(chat::outbox_kind kind) {
    return static_cast<std::int64_t>(kind);
}

static_assert(to_column(chat::room_type::public_room) == 0 &&
              to_column(chat::room_type::private_room) == 1 &&
              to_column(chat::room_type::direct) == 2);
static_assert(to_column(chat::member_role::member) == 0 &&
              to_column(chat::member_role::admin) == 1 && to_column(chat::member_role::owner) == 2);
static_assert(to_column(chat::message_type::chat) == 0 &&
              to_column(chat::message_type::join) == 1 &&
              to_column(chat::message_type::leave) == 2);
static_assert(static_cast<int>(chat::proof::none) == 0 &&
              static_cast<int>(chat::proof::passcode) == 1 &&
              static_cast<int>(chat::proof::token) == 2);
static_assert(to_column(chat::outbox_kind::message_created) == 0 &&
              to_column(chat::outbox_kind::member_invited) == 1);

constexpr chat::room_type room_type_of(std::int64_t column) {
    // Unknown kinds of rooms are treated as private ones: nobody is let in by mistake.
    return column >= 0 && column <= 2 ? static_cast<chat::room_type>(column)
                                      : chat::room_type::private_room;
}
constexpr chat::member_role member_role_of(std::int64_t column) {
    return column >= 0 && column <= 2 ? static_cast<chat::member_role>(column)
                                      : chat::member_role::member;
}
constexpr chat::proof proof_of_column(std::int64_t column) {
    return column >= 0 && column <= 2 ? static_cast<chat::proof>(column) : chat::proof::none;
}
constexpr chat::message_type message_type_of(std::int64_t column) {
    return column >= 0 && column <= 2 ? static_cast<chat::message_type>(column)
                                      : chat::message_type::chat;
}

}  // namespace persistence
