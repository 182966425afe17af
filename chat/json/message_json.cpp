#include "chat/json/message_json.hpp"

#include "chat/json/object_writer.hpp"
#include "chat/json/wire_names.hpp"

namespace chat::json {
namespace {

void append_fields(object_writer& body, stored_message const& message) {
    body.field("chatRoomId", message.room.value)
        .field("messageId", message.id.value)
        .field("seq", message.seq)
        .field("senderId", message.author.value)
        .field("senderNickname", message.nickname)
        .field("content", message.content)
        .field("messageType", name_of(message.type))
        .field("createdAt", message.created_at);
}

}  // namespace

void append_message(std::string& out, stored_message const& message) {
    object_writer body(out);
    append_fields(body, message);
    body.close();
}

std::string_view leaver_in(std::string_view message) noexcept {
    // What users wrote stands between the two, and cannot be taken for either.
    constexpr std::string_view type = R"("messageType":")";
    constexpr std::string_view leave = R"("messageType":"LEAVE")";
    constexpr std::string_view sender = R"("senderId":)";
    auto const at = message.rfind(type);
    if (at == message.npos || !message.substr(at).starts_with(leave)) return {};
    auto const found = message.find(sender);
    if (found == message.npos) return {};
    auto const number = message.substr(found + sender.size());
    return number.substr(0, number.find_first_not_of("0123456789"));
}

void append_direct_message(std::string& out, stored_message const& message, user_id to) {
    object_writer body(out);
    append_fields(body, message);
    body.field("to", to.value);
    body.close();
}

}  // namespace chat::json
