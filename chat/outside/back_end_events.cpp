#include "chat/outside/back_end_events.hpp"

#include "chat/json/notice_json.hpp"
#include "chat/operations/notices.hpp"

#include <string>
#include <utility>

namespace chat {

broker::inbound_verdict back_end_events::accept(std::string_view routing_key, std::string_view body,
                                                bool local) {
    using broker::inbound_verdict;
    auto const what = json::decode_notice(body);
    if (what.has_error()) return inbound_verdict::bad(what.error().sentence());
    // A queue may be bound to one of the keys only: the event must not go where the key forbids.
    if (!local && routing_key != json::name_of(what->to)) {
        return inbound_verdict::bad(std::string("The field 'routing.type' is ")
                                        .append(json::name_of(what->to))
                                        .append(", but the routing key is another one."));
    }
    std::vector<broker::bus_event> events;
    events.push_back(operations::notice_event(*what));
    if (local) {
        node_.on_events(std::move(events));
    } else {
        cluster_.publish(std::move(events));
    }
    return inbound_verdict::ok();
}

}  // namespace chat
