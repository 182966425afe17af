#pragma once

#include "chat/model.hpp"
#include "chat/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The JSON bodies of the REST interface. userId and memberId are the same everywhere, and so are
// chatRoomId and channelId.

namespace chat::json {

// {name, studyId, type, maxMembers, metadata, creatorId, nickname}
struct create_room_request {
    new_room room;
    std::optional<user_id> creator;
    std::string nickname;
};
checked<create_room_request> decode_create_room(std::string_view body);

// {chatRoomId, memberId, nickname}
struct add_member_request {
    room_id room;
    user_id member;
    std::string nickname;
};
checked<add_member_request> decode_add_member(std::string_view body);

// {studyId, memberId, nickname} and the fields of a room, for when there is none yet
struct join_study_request {
    new_room room;  // has a study
    user_id member;
    std::string nickname;
};
checked<join_study_request> decode_join_study(std::string_view body);

// {userId, nickname, content}: of joining, leaving and sending
struct member_request {
    std::optional<user_id> user;
    std::string nickname;
    std::string content;
};
checked<member_request> decode_member(std::string_view body);

// {userId, lastReadSeq}
struct read_request {
    std::optional<user_id> user;
    std::optional<std::uint64_t> last_read_seq;
};
checked<read_request> decode_read(std::string_view body);

}  // namespace chat::json
