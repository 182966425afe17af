#include "chat/message_builder.hpp"

#include "chat/json/message_json.hpp"
#include "chat/json/object_writer.hpp"
#include "chat/room_topic.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <utility>

namespace chat {
namespace {

constexpr std::string_view direct_prefix = "direct-";

broker::message_ptr encode(broker::message_fields fields, broker::trace_ptr const& trace = {}) {
    fields.headers.emplace_back("content-type", "application/json");
    if (trace) {
        fields.headers.emplace_back(broker::traceparent_name, trace->parent);
        if (!trace->state.empty()) {
            fields.headers.emplace_back(broker::tracestate_name, trace->state);
        }
    }
    return std::make_shared<broker::message const>(std::move(fields));
}

std::string some_letters() {
    std::random_device random;
    std::string letters;
    for (int i = 0; i < 8; ++i) letters += "0123456789abcdefghijklmnopqrstuvwxyz"[random() % 36];
    return letters + "-";
}

// Events have no number of their own; a message-id must differ all the same, also from those of
// other nodes.
std::string next_event_id(std::string_view kind) {
    static std::string const process = some_letters();
    static std::atomic<std::uint64_t> last{0};
    auto const number = last.fetch_add(1, std::memory_order_relaxed) + 1;
    return std::string(kind).append(process).append(std::to_string(number));
}

std::string user_destination(std::string_view queue) {
    return std::string("/user").append(queue);
}

}  // namespace

broker::message_ptr room_message(stored_message const& stored, broker::steady_time received,
                                 broker::trace_ptr const& trace) {
    broker::message_fields fields;
    fields.received = received;
    fields.destination = topic_of_room(stored.room);
    fields.id = std::to_string(stored.id.value);
    fields.seq = stored.seq;
    fields.body.reserve(160 + stored.nickname.size() + stored.content.size());
    json::append_message(fields.body, stored);
    return encode(std::move(fields), trace);
}

broker::message_ptr direct_message(stored_message const& stored, user_id to,
                                   broker::steady_time received, broker::trace_ptr const& trace) {
    broker::message_fields fields;
    fields.received = received;
    fields.destination = user_destination(messages_queue);
    fields.id = std::string(direct_prefix) + std::to_string(stored.id.value);
    json::append_direct_message(fields.body, stored, to);
    return encode(std::move(fields), trace);
}

std::optional<message_id> direct_message_id(std::string_view header) {
    if (!header.starts_with(direct_prefix)) return std::nullopt;
    auto const id = parse_id(header.substr(direct_prefix.size()));
    return id ? std::optional(message_id(*id)) : std::nullopt;
}

broker::message_ptr ephemeral_message(room_event const& event, broker::trace_ptr const& trace) {
    broker::message_fields fields;
    fields.destination = topic_of_room(event.room);
    fields.id = next_event_id("event-");
    fields.ephemeral = true;
    json::object_writer body(fields.body);
    body.field("chatRoomId", event.room.value)
        .field("senderId", event.who.value)
        .field("senderNickname", event.nickname)
        .field("messageType", name_of(event.type));
    if (event.last_read_seq) body.field("lastReadSeq", *event.last_read_seq);
    body.field("createdAt",
               std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    body.close();
    return encode(std::move(fields), trace);
}

broker::message_ptr presence_message(room_id room, user_id who, bool present) {
    broker::message_fields fields;
    fields.destination = topic_of_room(room);
    fields.id = next_event_id("event-");
    fields.ephemeral = true;
    json::object_writer body(fields.body);
    body.field("chatRoomId", room.value)
        .field("senderId", who.value)
        .field("messageType", std::string_view("PRESENCE"))
        .field("present", present)
        .field("createdAt",
               std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    body.close();
    return encode(std::move(fields));
}

broker::message_ptr unread_notification(read_state const& state, broker::trace_ptr const& trace) {
    broker::message_fields fields;
    fields.destination = user_destination(notifications_queue);
    fields.id = next_event_id("notification-");
    json::object_writer body(fields.body);
    body.field("type", "UNREAD")
        .field("chatRoomId", state.room.value)
        .field("unread", state.unread())
        .field("lastReadSeq", state.last_read_seq)
        .field("lastSeq", state.last_seq);
    body.close();
    return encode(std::move(fields), trace);
}

broker::message_ptr user_notice(json::notice const& what, broker::trace_ptr const& trace) {
    broker::message_fields fields;
    fields.destination = user_destination(notifications_queue);
    fields.id = next_event_id("notification-");
    json::append_user_notice(fields.body, what);
    return encode(std::move(fields), trace);
}

broker::message_ptr room_notice(json::notice const& what, broker::trace_ptr const& trace) {
    broker::message_fields fields;
    fields.destination = topic_of_room(room_id(what.target));
    fields.id = next_event_id("event-");
    json::append_room_notice(fields.body, what);
    return encode(std::move(fields), trace);
}

}  // namespace chat
