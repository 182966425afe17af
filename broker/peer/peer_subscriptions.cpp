#include "broker/peer/live_subscription.hpp"
#include "broker/session/message_head.hpp"
#include "broker/shard.hpp"

#include <algorithm>
#include <optional>
#include <utility>

// The session's subscriptions: in the router, in the registry, in the presence of rooms.

namespace broker {
namespace {

delivery_kind kind_of(subscription_source source) {
    switch (source) {
        case subscription_source::sequenced_topic: return delivery_kind::room;
        case subscription_source::user_queue: return delivery_kind::user;
        case subscription_source::topic:
        case subscription_source::topic_pattern: break;
    }
    return delivery_kind::topic;
}

}  // namespace

void stomp_peer::perform(action::open_subscription what) {
    shard_.flush_events();  // what the session sent before comes before the subscription
    auto made = std::make_unique<live_subscription>();
    auto& opened = *what.opened;
    made->handle = opened.handle();
    made->counted.emplace(kind_of(opened.source()));
    made->routed.out = link_;
    made->routed.head = shard_.shared_head(make_message_head(session_.version(), opened.id()));
    made->routed.version = session_.version();
    made->routed.automatic = !opened.needs_acks();
    made->routed.owner = this;
    made->routed.serial = shard_.new_subscription_serial();
    auto& entry = *subscriptions_.emplace_back(std::move(made));

    auto& router = shard_.router();
    switch (opened.source()) {
        case subscription_source::topic:
        case subscription_source::topic_pattern:
            entry.kind = routing::source::topic;
            router.subscribe_topic(opened.destination(), entry.routed);
            break;
        case subscription_source::user_queue:
            entry.kind = routing::source::user_queue;
            router.subscribe_user_queue(user_, opened.queue(), entry.routed);
            break;
        case subscription_source::sequenced_topic: return open_room(entry, opened, what.after_seq);
    }
    auto live = [weak = weak_from_this(), handle = entry.handle] {
        auto const self = weak.lock();
        if (self == nullptr) return;
        auto* const entered = self->find(handle);
        if (entered == nullptr || !entered->routed.gated)
            return self->on_live(handle, std::nullopt);
        self->shard_.router().bring_up_to_date(entered->routed, [weak, handle] {
            if (auto const still = weak.lock()) still->on_live(handle, std::nullopt);
        });
    };
    auto wanted = routing::router::interest_of(entry.kind, entry.routed);
    if (!wanted) return live();
    shard_.node().interests.enter(std::move(*wanted), shard_.loop(), std::move(live));
}

// The registry is told by the shard's announced_topics.
void stomp_peer::open_room(live_subscription& entry, subscription const& opened,
                           std::optional<std::uint64_t> after_seq) {
    entry.kind = routing::source::room;
    std::string destination(opened.destination());
    auto done = [weak = weak_from_this(), &interests = shard_.node().interests, destination,
                 handle = entry.handle](std::optional<topic_refusal> refusal) {
        // Refused, it is out of the tables and drop() would not know what to leave.
        if (refusal) interests.leave({interest_kind::topic, destination});
        if (auto const self = weak.lock()) self->on_live(handle, std::move(refusal));
    };
    shard_.router().subscribe_room(destination, entry.routed, session_.caller(), after_seq,
                                   std::move(done));
}

void stomp_peer::on_live(subscription_handle handle, std::optional<topic_refusal> refusal) {
    if (link_ == nullptr) return;
    if (auto* const entry = find(handle)) {
        if (refusal) {
            entry->kind = routing::source::nothing;
        } else {
            enter_room(*entry);
        }
    }
    session_.on_subscribe_done(handle, std::move(refusal), shard_.current_actions());
    perform_all();
    feed_held();
    finish_turn();
}

void stomp_peer::perform(action::end_subscription what) {
    shard_.flush_events();
    auto const found = std::ranges::find(subscriptions_, what.ended.handle(),
                                         [](auto const& each) { return each->handle; });
    if (found == subscriptions_.end()) return;
    drop(**found);
    subscriptions_.erase(found);
}

// ---------------------------------------------------------------------------- from the router

void stomp_peer::deliver_for_ack(routing::subscription& to, message_ptr const& what) {
    auto const found =
        std::ranges::find(subscriptions_, &to, [](auto const& each) { return &each->routed; });
    if (found == subscriptions_.end() || link_ == nullptr) return;
    // The list of the session that is being driven is not ours to use: what the delivery asks for
    // is performed in a later turn, when nobody goes through the tables.
    actions wanted;
    auto head = session_.on_deliver((*found)->handle, what, wanted);
    if (head) hand_over(action::deliver{std::move(*head), what});
    if (wanted.empty()) return;
    shard_.loop().post([weak = weak_from_this(), wanted = std::move(wanted)]() mutable {
        auto const self = weak.lock();
        if (self == nullptr) return;
        wanted.perform([&](auto action) { self->perform(std::move(action)); });
        self->finish_turn();
    });
}

void stomp_peer::on_access_ended(routing::subscription& which, std::string_view destination) {
    auto const found =
        std::ranges::find(subscriptions_, &which, [](auto const& each) { return &each->routed; });
    if (found == subscriptions_.end()) return;
    (*found)->kind = routing::source::nothing;
    leave_room(**found, destination);
    shard_.node().interests.leave({interest_kind::topic, std::string(destination)});
    ended_.push_back(
        {(*found)->handle,
         {"access_ended", "You are no member of " + std::string(destination) + " any more."}});
    shard_.loop().post([weak = weak_from_this()] {
        auto const self = weak.lock();
        if (self == nullptr || self->link_ == nullptr) return;
        self->tell_ended();
        self->feed_held();
        self->finish_turn();
    });
}

void stomp_peer::tell_ended() {
    for (auto const& [handle, why] : std::exchange(ended_, {})) {
        session_.on_subscription_ended(handle, why, shard_.current_actions());
        perform_all();
    }
}

stomp_peer::live_subscription* stomp_peer::find(subscription_handle handle) {
    auto const found =
        std::ranges::find(subscriptions_, handle, [](auto const& each) { return each->handle; });
    return found == subscriptions_.end() ? nullptr : found->get();
}

void stomp_peer::drop(live_subscription& which) {
    auto const left = routing::router::interest_of(which.kind, which.routed);
    if (left) leave_room(which, left->name);
    shard_.router().unsubscribe(which.kind, which.routed);
    if (left) shard_.node().interests.leave(*left);
}

void stomp_peer::enter_room(live_subscription& which) {
    auto* const present = shard_.node().present;
    if (present == nullptr || which.kind != routing::source::room || user_.empty()) return;
    auto const room = shard_.node().rooms.room_of(routing::room_feeds::name_of(which.routed));
    if (room.empty()) return;
    which.present = true;
    present->enter_room_user(std::string(room), user_);
}

void stomp_peer::leave_room(live_subscription& which, std::string_view destination) {
    if (!std::exchange(which.present, false)) return;
    auto const room = shard_.node().rooms.room_of(destination);
    shard_.node().present->leave_room_user(std::string(room), user_);
}

void stomp_peer::leave_all() {
    for (auto const& each : subscriptions_) drop(*each);
    subscriptions_.clear();
    if (std::exchange(entered_, false)) shard_.node().directory.leave_session(user_, session_.id());
}

}  // namespace broker
