#pragma once

#include <compare>
#include <cstdint>
#include <functional>

// The chat's identifiers: numbers on the wire, types in the code.

namespace chat {

template <typename Tag>
struct strong_id {
    std::uint64_t value = 0;

    constexpr strong_id() = default;
    constexpr explicit strong_id(std::uint64_t number) : value(number) {}
    friend constexpr auto operator<=>(strong_id, strong_id) = default;
};

using room_id = strong_id<struct room_tag>;
using user_id = strong_id<struct user_tag>;
using message_id = strong_id<struct message_tag>;
using study_id = strong_id<struct study_tag>;

}  // namespace chat

template <typename Tag>
struct std::hash<chat::strong_id<Tag>> {
    std::size_t operator()(chat::strong_id<Tag> id) const noexcept {
        return std::hash<std::uint64_t>{}(id.value);
    }
};
