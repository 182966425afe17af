#include "chat/json/audit_json.hpp"

#include "chat/json/object_writer.hpp"
#include "chat/json/wire_names.hpp"

namespace chat::json {
namespace {

template <typename Id>
std::optional<std::uint64_t> number_of(std::optional<Id> id) {
    return id ? std::optional(id->value) : std::nullopt;
}

void append_entry(std::string& out, audit_entry const& entry) {
    object_writer body(out);
    body.field("auditId", entry.id).field("at", entry.at).field("nodeId", entry.node);
    {
        object_writer actor(body.key("actor"));
        actor.field("userId", number_of(entry.actor.user))
            .field("name", entry.actor.name)
            .field("proof", name_of(entry.actor.shown));
        actor.close();
    }
    body.field("action", entry.action)
        .field("chatRoomId", number_of(entry.room))
        .field("userId", number_of(entry.user))
        .field("messageId", number_of(entry.message))
        .raw("details", entry.details);
    if (entry.request_id.empty()) {
        body.raw("requestId", "null");
    } else {
        body.field("requestId", entry.request_id);
    }
    body.close();
}

}  // namespace

std::string details_of(audit_origin const& origin, audit_details const& what) {
    std::string details;
    object_writer body(details);
    if (origin.acting_as) body.field("actingAs", origin.acting_as->value);
    if (!what.nickname.empty()) body.field("nickname", what.nickname);
    if (what.name) body.field("name", *what.name);
    if (what.type) body.field("type", name_of(*what.type));
    if (!what.event_type.empty()) body.field("eventType", what.event_type);
    if (!what.event_id.empty()) body.field("eventId", what.event_id);
    if (!what.user.empty()) body.field("user", what.user);
    if (!what.session.empty()) body.field("session", what.session);
    if (!what.subscription.empty()) body.field("subscription", what.subscription);
    if (!what.destination.empty()) body.field("destination", what.destination);
    if (!what.reason.empty()) body.field("reason", what.reason);
    if (what.seconds) body.field("seconds", *what.seconds);
    body.close();
    return details;
}

std::string audit_page(std::vector<audit_entry> const& entries,
                       std::optional<std::string> const& next) {
    std::string out;
    object_writer body(out);
    append_array(body.key("entries"), entries, append_entry);
    if (next) {
        body.field("nextCursor", *next);
    } else {
        body.raw("nextCursor", "null");
    }
    body.close();
    return out;
}

}  // namespace chat::json
