#include "chat/json/app_requests.hpp"

#include "chat/json/fields.hpp"

namespace chat::json {

checked<room_frame> decode_room_frame(std::string_view text, std::optional<room_id> addressed) {
    object_reader body(text);
    room_frame frame;
    frame.room = room_field(body);
    frame.sender = sender_field(body);
    frame.nickname = nickname_field(body);
    frame.content = content_field(body).value_or("");
    frame.type = enum_field<wire_type>(body, {"messageType", "type"}, wire_types);
    frame.last_read_seq = body.number({"lastReadSeq"}, limits::highest_id);
    if (addressed && frame.room && addressed != frame.room)
        body.wrong("chatRoomId", "the room that the destination names");
    if (addressed) frame.room = addressed;
    if (!frame.room) body.missing("chatRoomId", "the number of a room");
    if (body.problem()) return *body.problem();
    return frame;
}

checked<direct_frame> decode_direct_frame(std::string_view text) {
    object_reader body(text);
    direct_frame frame;
    auto to = body.text_or_number({"to", "receiverId"}, limits::nickname_length);
    if (!to) body.missing("to", "the number of a user");
    frame.to = std::move(to).value_or("");
    frame.sender = id_field<user_id>(body, {"senderId", "from"});
    frame.nickname = nickname_field(body);
    frame.content = body.text({"message", "content"}, any_length).value_or("");
    if (body.problem()) return *body.problem();
    return frame;
}

}  // namespace chat::json
