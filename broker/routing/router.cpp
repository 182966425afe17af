#include "broker/routing/router.hpp"

#include "broker/routing/fan_out.hpp"

#include <variant>

namespace broker::routing {

void router::unsubscribe(source kind, subscription& who) {
    switch (kind) {
        case source::topic: return topics_.remove(who);
        case source::room: return rooms_.unsubscribe(who);
        case source::user_queue: return users_.remove(who);
        case source::nothing: return;
    }
}

void router::deliver(bus_event const& event) {
    std::visit([this](auto const& what) { on_event(what); }, event);
}

void router::on_event(topic_event const& event) {
    if (rooms_.owns(event.message->destination())) {
        rooms_.on_message(event.message);
        return;
    }
    fan_out out(event.message);
    topics_.for_each(event.message->destination(), [&](subscription& who) { out.deliver(who); });
}

void router::on_event(user_event const& event) {
    fan_out out(event.message);
    users_.for_each(event.user, event.queue, [&](subscription& who) { out.deliver(who); });
}

void router::on_event(access_ended_event const& event) {
    rooms_.on_access_ended(event.destination, event.user);
}

void router::on_event(everybody_event const& event) {
    fan_out out(event.message);
    users_.for_everybody(event.queue, [&](subscription& who) { out.deliver(who); });
}

}  // namespace broker::routing
