#pragma once

#include "chat/ids.hpp"
#include "chat/json/wire_names.hpp"
#include "chat/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The JSON bodies of SEND frames to /app.

namespace chat::json {

// {chatRoomId, senderId, senderNickname, content, messageType, lastReadSeq}: what every frame about
// a room may bring. Which of them it needs is the handler's affair.
struct room_frame {
    std::optional<room_id> room;
    std::optional<user_id> sender;
    std::string nickname;
    std::string content;
    std::optional<wire_type> type;
    std::optional<std::uint64_t> last_read_seq;
};

// `room`: the one that the destination names, where it does; a different one in the body is
// refused.
checked<room_frame> decode_room_frame(std::string_view body, std::optional<room_id> room = {});

// {to, message, senderId, senderNickname}
struct direct_frame {
    std::string to;  // as the client said it: who is not a number is nobody
    std::optional<user_id> sender;
    std::string nickname;
    std::string content;
};
checked<direct_frame> decode_direct_frame(std::string_view body);

}  // namespace chat::json
