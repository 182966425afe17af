#include "node/console/bodies.hpp"

#include "chat/json/object_reader.hpp"
#include "chat/limits.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace node::console {
namespace {

// In the order of json::audience.
constexpr std::array<std::string_view, 3> audiences{"all", "user", "room"};

// It has a text with nothing in it. Without a text it may be for programs.
bool is_blank(std::string_view message) {
    chat::json::object_reader fields(message);
    auto const text = fields.text({"text"}, chat::limits::notice_bytes);
    return text && text->find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

chat::checked<std::string> decode_reason(std::string_view body) {
    chat::json::object_reader fields(body);
    auto reason = fields.text({"reason"}, reason_length).value_or("");
    if (fields.problem()) return *fields.problem();
    return reason;
}

chat::checked<chat::json::notice> decode_broadcast(std::string_view body) {
    auto to = chat::json::audience::all;
    std::uint64_t target = 0;
    std::string message;
    {
        chat::json::object_reader fields(body);
        auto const name = fields.text({"to"}, chat::limits::event_type_length).value_or("");
        auto const known = std::ranges::find(audiences, name);
        if (known == audiences.end()) {
            fields.wrong("to", "one of all, user, room");
        } else {
            to = static_cast<chat::json::audience>(known - audiences.begin());
        }
        if (to != chat::json::audience::all) {
            auto const id = fields.id({"id"});
            if (!id) fields.missing("id", "the number of a user or a room");
            target = id.value_or(0);
        }
        auto found = fields.object({"message"}, chat::limits::notice_bytes);
        if (!found) fields.missing("message", "an object with eventType");
        if (fields.problem()) return *fields.problem();
        message = std::move(*found);
    }
    if (is_blank(message))
        return chat::refusal(chat::errc::bad_field, "The field 'message.text' is blank.");
    return chat::json::decode_notice_message(message, to, target);
}

}  // namespace node::console
