#include "broker/routing/router.hpp"

#include "broker/routing/fan_out.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace broker::routing {

void router::unsubscribe(source kind, subscription& who) {
    switch (kind) {
        case source::topic: return topics_.remove(who);
        case source::room: return rooms_.unsubscribe(who);
        case source::user_queue: inboxes_.close(who); return users_.remove(who);
        case source::nothing: return;
    }
}

std::optional<interest> router::interest_of(source kind, subscription const& who) {
    auto const named = [](interest_kind what, std::string_view name) -> std::optional<interest> {
        if (name.empty()) return std::nullopt;
        return interest{what, std::string(name)};
    };
    switch (kind) {
        case source::topic:
            return named(
                subscription_table::by_pattern(who) ? interest_kind::pattern : interest_kind::topic,
                subscription_table::name_of(who));
        case source::room: return named(interest_kind::topic, room_feeds::name_of(who));
        case source::user_queue: return named(interest_kind::user, user_destinations::user_of(who));
        case source::nothing: break;
    }
    return std::nullopt;
}

void router::for_each_destination(
    std::function<void(std::string_view, std::size_t)> const& visit) const {
    topics_.for_each_topic(visit);
    rooms_.for_each_room(visit);
}

void router::deliver(bus_event const& event) {
    std::visit([this](auto const& what) { on_event(what); }, event);
}

void router::on_event(topic_event const& event) {
    if (rooms_.owns(event.message->destination())) {
        rooms_.on_message(event.message);
        return;
    }
    fan_out out(event.message, delivery_kind::topic, watch_);
    topics_.for_each(event.message->destination(), [&](subscription& who) { out.deliver(who); });
}

void router::on_event(user_event const& event) {
    fan_out out(event.message, delivery_kind::user, watch_);
    bool given = false;
    users_.for_each(event.user, event.queue, [&](subscription& who) {
        if (who.gated) {
            given |= inboxes_.deliver(who, out);
            return;
        }
        out.deliver(who);
        given = true;
    });
    if (given && event.queue == inboxes_.queue()) inboxes_.delivered(event.user, *event.message);
}

void router::sweep_inboxes() {
    std::vector<std::string> users;
    if (!inboxes_.sweeping()) {
        users_.for_everybody(inboxes_.queue(), [&users](subscription& who) {
            auto const user = user_destinations::user_of(who);
            // The devices of one user come one after the other.
            if (!user.empty() && (users.empty() || users.back() != user)) users.emplace_back(user);
        });
    }
    inboxes_.sweep(std::move(users), [this](std::string_view user) {
        users_.for_each(user, inboxes_.queue(),
                        [&](subscription& who) { inboxes_.look_again(user, who); });
    });
}

void router::sweep_now() {
    rooms_due_ = inboxes_due_ = true;
    sweep_what_is_due();
}

void router::sweep_what_is_due() {
    if (rooms_due_ && !rooms_.sweeping()) {
        rooms_due_ = false;
        rooms_.sweep();
    }
    if (inboxes_due_ && !inboxes_.sweeping()) {
        inboxes_due_ = false;
        sweep_inboxes();
    }
}

void router::on_event(everybody_event const& event) {
    fan_out out(event.message, delivery_kind::user, watch_);
    users_.for_everybody(event.queue, [&](subscription& who) { out.deliver(who); });
}

}  // namespace broker::routing
