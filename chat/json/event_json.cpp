#include "chat/json/event_json.hpp"

#include "chat/json/object_writer.hpp"
#include "chat/json/wire_names.hpp"

#include <string>
#include <string_view>

namespace chat::json {
namespace {

// How one thing that happened is called: by eventType, in the pair's message, and in its id.
struct event_names {
    std::string_view type;
    std::string_view in_message;
    std::string_view id_prefix;
};

event_names names_of(outbox_entry const& entry) {
    if (entry.kind == outbox_kind::member_invited)
        return {"MEMBER_INVITED", "person.invited", "invited-"};
    switch (entry.message.type) {
        case message_type::join: return {"MEMBER_JOINED", "channel.participant.join", "message-"};
        case message_type::leave: return {"MEMBER_LEFT", "channel.participant.exit", "message-"};
        case message_type::chat: break;
    }
    return {"MESSAGE_CREATED", "channel.message.new", "message-"};
}

// The one user whom it is for; nobody: it is for the room.
std::optional<user_id> target_user(outbox_entry const& entry) {
    if (entry.kind == outbox_kind::member_invited) return entry.message.author;
    return entry.receiver;
}

void append_facts(object_writer& out, std::string_view room_field, outbox_entry const& entry) {
    auto const& message = entry.message;
    out.field(room_field, message.room.value).field("roomType", name_of(entry.type_of_room));
    if (entry.kind == outbox_kind::member_invited) {
        out.field("roomName", entry.room_name)
            .field("userId", message.author.value)
            .field("nickname", message.nickname)
            .field("createdAt", message.created_at);
        return;
    }
    out.field("messageId", message.id.value)
        .field("seq", message.seq)
        .field("senderId", message.author.value)
        .field("senderNickname", message.nickname)
        .field("content", message.content)
        .field("messageType", name_of(message.type))
        .field("createdAt", message.created_at);
    if (entry.receiver) out.field("to", entry.receiver->value);
}

std::string body_of(outbox_entry const& entry, event_names const& names, std::string_view id) {
    std::string text;
    text.reserve(640 + 2 * (entry.message.content.size() + entry.message.nickname.size()));
    object_writer body(text);
    body.field("version", 1U)
        .field("eventType", names.type)
        .field("eventId", id)
        .field("occurredAt", entry.message.created_at);
    {
        object_writer data(body.key("data"));
        append_facts(data, "chatRoomId", entry);
        data.close();
    }
    {
        auto const user = target_user(entry);
        object_writer routing(body.key("routing"));
        routing.field("type", user ? "to.user" : "to.channel")
            .field("targetId", user ? user->value : entry.message.room.value);
        routing.close();
    }
    {
        object_writer message(body.key("message"));
        message.field("eventType", names.in_message);
        append_facts(message, "channelId", entry);
        message.close();
    }
    body.close();
    return text;
}

}  // namespace

broker::outside_event outside_event(outbox_entry const& entry) {
    auto const names = names_of(entry);
    auto const user = target_user(entry);
    broker::outside_event event;
    event.routing_key =
        user ? "chat.user." + std::to_string(user->value) + ".notification"
             : "chat.channel." + std::to_string(entry.message.room.value) + ".message";
    event.id = std::string(names.id_prefix) + std::to_string(entry.message.id.value);
    event.type = names.type;
    event.body = body_of(entry, names, event.id);
    return event;
}

}  // namespace chat::json
