#pragma once

#include "chat/ids.hpp"
#include "chat/json/object_reader.hpp"
#include "chat/json/wire_names.hpp"
#include "chat/limits.hpp"

#include <limits>
#include <optional>
#include <span>
#include <string>

// The fields that several requests share, under all the spellings that clients use.

namespace chat::json {

inline constexpr std::size_t any_length = std::numeric_limits<std::size_t>::max();

template <typename Id>
std::optional<Id> id_field(object_reader& body, spellings names) {
    auto const number = body.id(names);
    return number ? std::optional(Id(*number)) : std::nullopt;
}

inline std::optional<room_id> room_field(object_reader& body) {
    return id_field<room_id>(body, {"chatRoomId", "channelId", "roomId"});
}

inline std::optional<user_id> sender_field(object_reader& body) {
    return id_field<user_id>(body, {"senderId", "userId", "memberId"});
}

inline std::string nickname_field(object_reader& body) {
    return body.text_or_number({"senderNickname", "nickname"}, limits::nickname_length)
        .value_or("");
}

// The length of a content is checked by its own rule (operations/sending.hpp).
inline std::optional<std::string> content_field(object_reader& body) {
    return body.text({"content", "message"}, any_length);
}

template <typename Enum>
std::optional<Enum> enum_field(object_reader& body, spellings names,
                               std::span<std::string_view const> known) {
    auto const place = body.one_of(names, known);
    return place ? std::optional(static_cast<Enum>(*place)) : std::nullopt;
}

}  // namespace chat::json
