#pragma once

#include "broker/ports/bus.hpp"
#include "broker/ports/registry.hpp"
#include "broker/ports/sequenced_topics.hpp"
#include "broker/ports/user_inbox.hpp"
#include "broker/routing/inbox_feeds.hpp"
#include "broker/routing/room_feeds.hpp"
#include "broker/routing/subscription_table.hpp"
#include "broker/routing/user_destinations.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

// Brings what the bus carries to the subscriptions of one shard, and keeps those subscriptions by
// kind: generic topics, rooms, and users' own queues. On the shard's thread only.

namespace broker::routing {

// What a subscription is to; decides which table keeps it.
enum class source : std::uint8_t { topic, room, user_queue, nothing };

class router {
public:
    router(sequenced_topics& rooms, user_inbox& inbox, executor& home)
        : rooms_(rooms, home), inboxes_(inbox, home) {}

    bool is_room(std::string_view destination) const { return rooms_.owns(destination); }

    void subscribe_topic(std::string_view destination, subscription& who) {
        topics_.add(destination, who);
    }
    void subscribe_user_queue(std::string_view user, std::string_view queue, subscription& who) {
        users_.add(user, queue, who);
        if (queue == inboxes_.queue() && !user.empty()) inboxes_.enter(user, who);
    }
    // Of a user queue, once every node knows of it: calls `live` when what the store owes the user
    // was delivered.
    void bring_up_to_date(subscription const& who, inbox_feeds::opened live) {
        inboxes_.open(who, std::move(live));
    }
    void subscribe_room(std::string_view destination, subscription& who, principal_ptr caller,
                        std::optional<std::uint64_t> after, room_feeds::subscribed done) {
        rooms_.subscribe(destination, who, std::move(caller), after, std::move(done));
    }
    void unsubscribe(source kind, subscription& who);

    // What the registry should know of a subscription; nothing where no other node can have
    // anything for it.
    static std::optional<interest> interest_of(source kind, subscription const& who);

    void deliver(bus_event const& event);
    void deliver_all(std::vector<bus_event> const& events) {
        for (auto const& event : events) deliver(event);
    }

    // Topics, patterns and rooms that have subscribers, and how many; each once.
    void for_each_destination(
        std::function<void(std::string_view, std::size_t)> const& visit) const;

    // Null: nobody looks on.
    void watch_with(delivery_watch* who) noexcept {
        watch_ = who;
        rooms_.watch_with(who);
        inboxes_.watch_with(who);
    }

    void on_tick() {
        rooms_.on_tick();
        sweep_what_is_due();
    }
    void on_time(steady_time now) { inboxes_.on_time(now); }
    bool has_gaps() const noexcept { return rooms_.has_gaps(); }
    void sweep() { rooms_.sweep(); }
    // Both; while a round is under way, soon after it: it may have asked too early.
    void sweep_now();
    // Asks the store who of those that are subscribed to their inbox is owed something, many at a
    // time, and then for their inboxes, a few at a time.
    void sweep_inboxes();

private:
    void sweep_what_is_due();
    void on_event(topic_event const& event);
    void on_event(user_event const& event);
    void on_event(access_ended_event const&) {}  // the message that ended it says so, too
    void on_event(everybody_event const& event);

    subscription_table topics_;
    room_feeds rooms_;
    user_destinations users_;
    inbox_feeds inboxes_;
    bool rooms_due_ = false;
    bool inboxes_due_ = false;
    delivery_watch* watch_ = nullptr;
};

}  // namespace broker::routing
