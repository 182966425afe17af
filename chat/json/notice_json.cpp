#include "chat/json/notice_json.hpp"

#include "chat/json/object_reader.hpp"
#include "chat/json/object_writer.hpp"
#include "chat/limits.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

namespace chat::json {
namespace {

constexpr std::string_view audience_names = "one of to.all to.user to.channel";

struct event_type_row {
    std::string_view name;
    bool to_all;
    bool to_user;
    bool to_channel;
};

// What happens in a channel may also be told to one user only.
constexpr std::array event_types{
    event_type_row{"channel.participant.join", false, true, true},
    event_type_row{"channel.participant.exit", false, true, true},
    event_type_row{"channel.message.new", false, true, true},
    event_type_row{"channel.message.deleted", false, true, true},
    event_type_row{"channel.message.reaction", false, true, true},
    event_type_row{"person.invited", false, true, false},
    event_type_row{"person.payment", false, true, false},
    event_type_row{"all.service-check", true, false, false},
    event_type_row{"all.biz-event", true, false, false},
    event_type_row{"all.new-feature", true, false, false},
};

bool goes_to(event_type_row const& row, audience to) {
    switch (to) {
        case audience::all: return row.to_all;
        case audience::user: return row.to_user;
        case audience::channel: return row.to_channel;
    }
    return false;
}

std::string known_types(audience to) {
    std::string text = "one of";
    for (auto const& row : event_types) {
        if (goes_to(row, to)) text.append(" ").append(row.name);
    }
    return text.append(", since it is for ").append(name_of(to));
}

// The fields of the message that this program looks at, which were sent inside of `inside`.
checked<notice> with_message(notice what, std::string_view inside) {
    object_reader message(what.message, inside);
    auto const type = message.text({"eventType"}, limits::event_type_length);
    auto id = message.text({"eventId"}, limits::event_id_length);
    if (!type) {
        message.missing("eventType", known_types(what.to));
    } else if (std::ranges::none_of(event_types, [&](auto const& row) {
                   return row.name == *type && goes_to(row, what.to);
               })) {
        message.wrong("eventType", known_types(what.to));
    }
    if (message.problem()) return *message.problem();
    what.event_type = *type;
    if (what.event_id.empty() && id) what.event_id = std::move(*id);
    return what;
}

void append_common(object_writer& body, notice const& what) {
    body.field("eventType", what.event_type);
    if (!what.event_id.empty()) body.field("eventId", what.event_id);
    body.raw("message", what.message);
}

}  // namespace

checked<notice> decode_notice(std::string_view text) {
    notice what;
    std::optional<std::string> routing;
    {
        object_reader body(text);
        // Another version may mean anything.
        auto const version = body.number({"version"}, limits::highest_id);
        if (version && *version != 1) body.wrong("version", "1");
        routing = body.object({"routing"}, limits::notice_bytes);
        if (!routing) body.missing("routing", "an object with type and targetId");
        auto message = body.object({"message"}, limits::notice_bytes);
        if (!message) body.missing("message", "an object with eventType");
        what.event_id = body.text({"eventId"}, limits::event_id_length).value_or("");
        if (body.problem()) return *body.problem();
        what.message = std::move(*message);
    }
    {
        object_reader fields(*routing, "routing.");
        auto const type = fields.text({"type"}, limits::event_type_length);
        auto const* const known = std::ranges::find(audiences, type.value_or(""));
        if (!type) {
            fields.missing("type", audience_names);
        } else if (known == audiences.end()) {
            fields.wrong("type", audience_names);
        }
        if (fields.problem()) return *fields.problem();
        auto const to = static_cast<audience>(known - audiences.begin());
        if (to != audience::all) {
            auto const target = fields.id({"targetId"});
            if (!target) fields.missing("targetId", "the number of a user or a channel");
            what.target = target.value_or(0);
        }
        if (fields.problem()) return *fields.problem();
        what.to = to;
    }
    return with_message(std::move(what), "message.");
}

checked<notice> decode_notice_message(std::string_view text, audience to, std::uint64_t target) {
    notice what{.to = to, .target = target, .event_type = {}, .event_id = {}, .message = {}};
    {
        object_reader body(text);
        auto message = body.itself("message", limits::notice_bytes);
        if (body.problem()) return *body.problem();
        what.message = std::move(*message);
    }
    return with_message(std::move(what), {});
}

void append_user_notice(std::string& out, notice const& what) {
    object_writer body(out);
    body.field("type", "EVENT");
    append_common(body, what);
    body.close();
}

void append_room_notice(std::string& out, notice const& what) {
    object_writer body(out);
    body.field("chatRoomId", what.target).field("messageType", "EVENT");
    append_common(body, what);
    body.field("createdAt",
               std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    body.close();
}

}  // namespace chat::json
