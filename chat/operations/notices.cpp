#include "chat/operations/notices.hpp"

#include "chat/json/audit_json.hpp"
#include "chat/message_builder.hpp"

#include <string>
#include <utility>

namespace chat::operations {
namespace {

// There is whom it is for: no_such_user, no_such_room.
result<void> find_audience(unit_of_work& unit, json::notice const& what) {
    if (what.to == json::audience::channel) {
        if (auto found = unit.find_room(room_id(what.target)); !found) return found.error();
    } else if (what.to == json::audience::user) {
        if (auto found = unit.find_user(user_id(what.target)); !found) return found.error();
    }
    return {};
}

new_audit_entry entry_of(json::notice const& what, audit_origin const& origin) {
    new_audit_entry entry;
    entry.origin = origin;
    entry.details =
        json::details_of(origin, {.event_type = what.event_type, .event_id = what.event_id});
    switch (what.to) {
        case json::audience::all: entry.action = audit_action::broadcast_all; break;
        case json::audience::user:
            entry.action = audit_action::broadcast_user;
            entry.user = user_id(what.target);
            break;
        case json::audience::channel:
            entry.action = audit_action::broadcast_room;
            entry.room = room_id(what.target);
            break;
    }
    return entry;
}

}  // namespace

broker::bus_event notice_event(json::notice const& what, broker::trace_ptr const& trace) {
    switch (what.to) {
        case json::audience::channel: return broker::topic_event{room_notice(what, trace)};
        case json::audience::user:
            return broker::user_event{std::to_string(what.target), std::string(notifications_queue),
                                      user_notice(what, trace)};
        case json::audience::all: break;
    }
    return broker::everybody_event{std::string(notifications_queue), user_notice(what, trace)};
}

void tell(context& chat, broker::executor& home, json::notice what, audit_origin origin,
          broker::unique_function<void(result<void>)> done) {
    auto trace = origin.trace;
    auto work = [what, origin = std::move(origin)](unit_of_work& unit) -> result<json::audience> {
        if (auto found = find_audience(unit, what); !found) return found.error();
        unit.record(entry_of(what, origin));
        return what.to;
    };
    auto recorded = [&bus = chat.bus, what = std::move(what), trace = std::move(trace),
                     done = std::move(done)](result<json::audience> there) mutable {
        if (!there) return done(there.error());
        bus.publish({notice_event(what, trace)});
        done({});
    };
    in_transaction(chat.store, access::read_write, home, std::move(work), std::move(recorded));
}

}  // namespace chat::operations
