#include "chat/json/rest_answers.hpp"

#include "chat/json/message_json.hpp"
#include "chat/json/object_writer.hpp"
#include "chat/json/wire_names.hpp"

#include <algorithm>

namespace chat::json {
namespace {

void append_room_fields(object_writer& body, room_view const& view) {
    auto const& room = view.room;
    std::optional<std::uint64_t> study;
    if (room.study) study = room.study->value;
    std::optional<std::uint64_t> max_members;
    if (room.max_members != 0) max_members = room.max_members;
    body.field("chatRoomId", room.id.value)
        .field("name", room.name)
        .field("studyId", study)
        .field("type", name_of(room.type))
        .field("active", room.active)
        .field("maxMembers", max_members)
        .field("memberCount", room.member_count)
        .raw("metadata", room.metadata.empty() ? std::string_view("null") : room.metadata)
        .field("lastSeq", room.last_seq)
        .field("createdAt", room.created_at)
        .field("member", view.caller.has_value());
    if (!view.caller) return;
    auto const read = std::min(view.caller->last_read_seq, room.last_seq);
    body.field("role", name_of(view.caller->role))
        .field("nickname", view.caller->nickname)
        .field("lastReadSeq", read)
        .field("unread", room.last_seq - read);
}

// `"nextCursor":"…"`, or null on the last page.
void append_next(object_writer& body, std::optional<std::string> const& next) {
    if (next) {
        body.field("nextCursor", *next);
    } else {
        body.raw("nextCursor", "null");
    }
}

}  // namespace

void append_room(std::string& out, room_view const& view) {
    object_writer body(out);
    append_room_fields(body, view);
    body.close();
}

void append_channel(std::string& out, room_view const& view) {
    object_writer body(out);
    body.field("channelId", view.room.id.value);
    append_room_fields(body, view);
    body.close();
}

void append_member(std::string& out, member const& one) {
    object_writer body(out);
    body.field("chatRoomId", one.room.value)
        .field("memberId", one.user.value)
        .field("nickname", one.nickname)
        .field("role", name_of(one.role))
        .field("lastReadSeq", one.last_read_seq)
        .field("joinedAt", one.joined_at);
    body.close();
}

void append_read_state(std::string& out, read_state const& state) {
    object_writer body(out);
    body.field("chatRoomId", state.room.value)
        .field("unread", state.unread())
        .field("lastReadSeq", state.last_read_seq)
        .field("lastSeq", state.last_seq);
    body.close();
}

std::string message_page(message_service::message_page const& page,
                         std::optional<std::string> const& next) {
    std::string out;
    object_writer body(out);
    append_array(body.key("messages"), page.messages, append_message);
    append_next(body, next);
    body.field("lastSeq", page.room.last_seq);
    body.close();
    return out;
}

std::string room_page(std::vector<room_view> const& rooms, std::optional<std::string> const& next) {
    std::string out;
    object_writer body(out);
    append_array(body.key("rooms"), rooms, append_room);
    append_next(body, next);
    body.close();
    return out;
}

std::string member_page(std::vector<member> const& members,
                        std::optional<std::string> const& next) {
    std::string out;
    object_writer body(out);
    append_array(body.key("members"), members, append_member);
    append_next(body, next);
    body.close();
    return out;
}

std::string present_page(std::vector<present_member> const& members,
                         std::optional<std::string> const& next, bool whole) {
    std::string out;
    object_writer body(out);
    append_array(body.key("members"), members, [](std::string& to, present_member const& one) {
        object_writer item(to);
        item.field("memberId", one.user.value)
            .field("nickname", one.nickname)
            .field("devices", one.devices);
        item.close();
    });
    append_next(body, next);
    body.field("partial", !whole);
    body.close();
    return out;
}

std::string session_list(user_id of, broker::found_sessions const& found) {
    std::string out;
    object_writer body(out);
    body.field("userId", of.value).field("devices", found.count);
    append_array(body.key("sessions"), found.sessions,
                 [](std::string& to, broker::placed_session const& one) {
                     object_writer item(to);
                     item.field("sessionId", one.id)
                         .field("nodeId", one.node)
                         .field("transport", one.transport)
                         .field("connectedAt", timestamp(one.since));
                     item.close();
                 });
    body.field("partial", !found.whole);
    body.close();
    return out;
}

}  // namespace chat::json
