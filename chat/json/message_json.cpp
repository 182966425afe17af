#include "chat/json/message_json.hpp"

#include "chat/json/object_writer.hpp"
#include "chat/json/wire_names.hpp"

#include <charconv>
#include <system_error>

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

// The number behind `name`, with which `text` begins, and the comma after it; takes both away.
std::optional<std::uint64_t> take_number(std::string_view& text, std::string_view name) noexcept {
    if (!text.starts_with(name)) return std::nullopt;
    std::uint64_t number = 0;
    auto const* const end = text.data() + text.size();
    auto const [behind, error] = std::from_chars(text.data() + name.size(), end, number);
    if (error != std::errc() || behind == end || *behind != ',') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(behind + 1 - text.data()));
    return number;
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

std::optional<message_place> place_in(std::string_view message) noexcept {
    auto const room = take_number(message, R"({"chatRoomId":)");
    auto const id = take_number(message, R"("messageId":)");
    auto const seq = take_number(message, R"("seq":)");
    if (!room || !id || !seq) return std::nullopt;
    return message_place{message_id(*id), room_id(*room), *seq};
}

}  // namespace chat::json
