#pragma once

#include "chat/model.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

// How enumerations are called on the wire. One table each, for reading and for writing.

namespace chat::json {

// What a client's frame may speak of: the stored types and the events.
enum class wire_type : std::uint8_t { chat, join, leave, typing, read };

inline constexpr std::array<std::string_view, 5> wire_types{"CHAT", "JOIN", "LEAVE", "TYPING",
                                                            "READ"};
inline constexpr std::array<std::string_view, 3> room_types{"PUBLIC", "PRIVATE", "DIRECT"};
inline constexpr std::array<std::string_view, 3> member_roles{"MEMBER", "ADMIN", "OWNER"};

constexpr std::string_view name_of(wire_type type) noexcept {
    return wire_types[static_cast<std::size_t>(type)];
}
constexpr std::string_view name_of(message_type type) noexcept {
    return wire_types[static_cast<std::size_t>(type)];
}
constexpr std::string_view name_of(room_type type) noexcept {
    return room_types[static_cast<std::size_t>(type)];
}
constexpr std::string_view name_of(member_role role) noexcept {
    return member_roles[static_cast<std::size_t>(role)];
}

// The place of a name in one of these tables, which is its enumerator's value. Compared without
// case: clients send both.
constexpr std::optional<std::size_t> place_of(std::string_view name,
                                              std::span<std::string_view const> names) {
    auto const upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (std::ranges::equal(name, names[i], {}, upper)) return i;
    }
    return std::nullopt;
}

}  // namespace chat::json
