#pragma once

#include "chat/refusal.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What a back end tells the users: by RabbitMQ as a pair of routing and message, by REST as the
// message alone. The schemas are in docs/events.

namespace chat::json {

enum class audience : std::uint8_t { all, user, channel };
inline constexpr std::array<std::string_view, 3> audiences{"to.all", "to.user", "to.channel"};
constexpr std::string_view name_of(audience to) noexcept {
    return audiences[static_cast<std::size_t>(to)];
}

struct notice {
    audience to = audience::all;
    std::uint64_t target = 0;  // the user or the room
    std::string event_type;    // "person.invited"
    std::string event_id;      // as the back end said it; may be empty
    std::string message;       // the JSON object, minified, with its eventType
};

// {"routing":{"type","targetId"},"message":{"eventType",…}} and, if there, "version" and "eventId".
checked<notice> decode_notice(std::string_view body);

// The message alone: {"eventType",…,"eventId"}.
checked<notice> decode_notice_message(std::string_view body, audience to, std::uint64_t target);

// What the users' devices get.
// On /user/queue/notifications: {"type":"EVENT","eventType","eventId","message":{…}}
void append_user_notice(std::string& out, notice const& what);
// On the room's topic: {"chatRoomId","messageType":"EVENT","eventType","eventId","message":{…}}
void append_room_notice(std::string& out, notice const& what);

}  // namespace chat::json
