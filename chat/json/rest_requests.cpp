#include "chat/json/rest_requests.hpp"

#include "chat/json/fields.hpp"

namespace chat::json {
namespace {

new_room room_fields(object_reader& body) {
    new_room room;
    room.name = body.text({"name"}, limits::room_name_length).value_or("");
    room.study = id_field<study_id>(body, {"studyId"});
    room.type = enum_field<room_type>(body, {"type"}, room_types).value_or(room_type::public_room);
    // A direct room comes of a direct message, and always has two members.
    if (room.type == room_type::direct) body.wrong("type", "PUBLIC or PRIVATE");
    room.max_members =
        static_cast<std::uint32_t>(body.number({"maxMembers"}, limits::room_members).value_or(0));
    room.metadata = body.object({"metadata"}, limits::metadata_bytes).value_or("");
    return room;
}

}  // namespace

checked<create_room_request> decode_create_room(std::string_view text) {
    object_reader body(text);
    create_room_request request;
    request.room = room_fields(body);
    if (request.room.name.empty()) body.wrong("name", "a string that is not empty");
    request.creator = id_field<user_id>(body, {"creatorId", "userId", "memberId"});
    request.nickname = nickname_field(body);
    if (body.problem()) return *body.problem();
    return request;
}

checked<add_member_request> decode_add_member(std::string_view text) {
    object_reader body(text);
    auto const room = room_field(body);
    if (!room) body.missing("chatRoomId", "the number of a room");
    auto const member = id_field<user_id>(body, {"memberId", "userId"});
    if (!member) body.missing("memberId", "the number of a user");
    auto nickname = nickname_field(body);
    if (body.problem()) return *body.problem();
    return add_member_request{*room, *member, std::move(nickname)};
}

checked<join_study_request> decode_join_study(std::string_view text) {
    object_reader body(text);
    auto room = room_fields(body);
    if (!room.study) body.missing("studyId", "the number of a study");
    auto const member = id_field<user_id>(body, {"memberId", "userId"});
    if (!member) body.missing("memberId", "the number of a user");
    auto nickname = nickname_field(body);
    if (body.problem()) return *body.problem();
    if (room.name.empty()) room.name = "Study " + std::to_string(room.study->value);
    return join_study_request{std::move(room), *member, std::move(nickname)};
}

checked<member_request> decode_member(std::string_view text) {
    object_reader body(text);
    member_request request;
    request.user = sender_field(body);
    request.nickname = nickname_field(body);
    request.content = content_field(body).value_or("");
    if (body.problem()) return *body.problem();
    return request;
}

checked<read_request> decode_read(std::string_view text) {
    object_reader body(text);
    read_request request;
    request.user = sender_field(body);
    request.last_read_seq = body.number({"lastReadSeq"}, limits::highest_id);
    if (body.problem()) return *body.problem();
    return request;
}

}  // namespace chat::json
