#pragma once

#include "chat/ids.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

// The address of a room's messages: /topic/chatroom/{chatRoomId}.

namespace chat {

inline constexpr std::string_view room_topic_prefix = "/topic/chatroom/";

// An id as it stands in an address: digits, no sign, no leading zero, 1 to 2^63-1. There is one
// spelling of every room's address, so that no rule about it can be walked around.
inline std::optional<std::uint64_t> parse_id(std::string_view digits) noexcept {
    std::uint64_t number = 0;
    auto const* const end = digits.data() + digits.size();
    auto const parsed = std::from_chars(digits.data(), end, number);
    auto const whole = parsed.ec == std::errc() && parsed.ptr == end && digits.front() != '0';
    if (!whole || number > 0x7fff'ffff'ffff'ffff) return std::nullopt;
    return number;
}

inline std::optional<room_id> room_of_topic(std::string_view destination) noexcept {
    if (!destination.starts_with(room_topic_prefix)) return std::nullopt;
    auto const id = parse_id(destination.substr(room_topic_prefix.size()));
    return id ? std::optional(room_id(*id)) : std::nullopt;
}

inline std::string topic_of_room(room_id room) {
    return std::string(room_topic_prefix).append(std::to_string(room.value));
}

}  // namespace chat
