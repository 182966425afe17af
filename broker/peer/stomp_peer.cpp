#include "broker/peer/stomp_peer.hpp"

#include "broker/routing/fan_out.hpp"
#include "broker/session/message_head.hpp"
#include "broker/shard.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

namespace broker {
namespace {

bool empty(credentials const& offered) {
    return !offered.login && !offered.passcode && !offered.authorization;
}

}  // namespace

struct stomp_peer::live_subscription {
    subscription_handle handle;
    routing::source kind = routing::source::nothing;
    bool present = false;  // counted in its room's presence
    routing::subscription routed;
};

stomp_peer::stomp_peer(shard& where, transport::link& out, link_traits traits,
                       credentials handshake)
    : shard_(where),
      link_(&out),
      session_(where.sessions(), {.id = where.new_session_id(),
                                  .link = traits,
                                  .caller = nullptr,
                                  .now = where.loop().now(),
                                  .wall_now = std::chrono::system_clock::now()}) {
    if (!empty(handshake)) handshake_ = std::make_unique<credentials>(std::move(handshake));
}

stomp_peer::~stomp_peer() {
    on_link_closed();
}

void stomp_peer::on_open() {
    shard_.enter(*this);
    auto const& strangers = session_.frame_limits();
    link_->limit_messages(strangers.max_headers_total + strangers.max_body + 64);
    set_timer();
}

void stomp_peer::on_bytes(std::span<char> bytes, bool ends_text_message) {
    if (link_ == nullptr) return;
    session_.on_bytes_received(shard_.loop().now());
    if (!held_.empty() || session_.suspended()) {
        hold(bytes, ends_text_message);
        return;
    }
    feed(bytes, ends_text_message);
    finish_turn();
}

void stomp_peer::feed(std::span<char> bytes, bool ends_text_message) {
    feeding_ = true;
    auto const now = shard_.loop().now();
    while (!session_.closed()) {
        if (session_.suspended()) {
            hold(bytes, ends_text_message);
            break;
        }
        bool const at_end = bytes.empty();
        auto const outcome = at_end && ends_text_message
                                 ? parser_.finish_message(shard_.scratch())
                                 : parser_.next(bytes, shard_.scratch(), session_.frame_limits());
        if (at_end) ends_text_message = false;
        if (auto const* frame = std::get_if<stomp::frame>(&outcome)) {
            session_.on_frame(*frame, now, shard_.current_actions());
            perform_all();
        } else if (auto const* error = std::get_if<stomp::parse_error>(&outcome)) {
            session_.on_parse_error(*error, shard_.current_actions());
            perform_all();
            break;
        } else if (std::holds_alternative<stomp::need_more>(outcome) && !ends_text_message) {
            break;
        }
    }
    feeding_ = false;
}

void stomp_peer::hold(std::span<char> rest, bool ends_text_message) {
    held_.insert(held_.end(), rest.begin(), rest.end());
    held_ends_text_message_ = ends_text_message;
    if (link_ != nullptr) link_->pause_reading();
}

void stomp_peer::feed_held() {
    if (feeding_ || session_.suspended() || link_ == nullptr) return;
    if (held_.empty() && !held_ends_text_message_) {
        link_->resume_reading();
        return;
    }
    auto held = std::exchange(held_, {});
    bool const ends = std::exchange(held_ends_text_message_, false);
    feed(held, ends);
    if (held_.empty() && !session_.suspended() && link_ != nullptr) link_->resume_reading();
}

// After every input: the events go out, what became possible is done, and the timer is right.
void stomp_peer::finish_turn() {
    shard_.flush_events();
    set_timer();
}

void stomp_peer::perform_all() {
    shard_.current_actions().perform([this](auto what) { perform(std::move(what)); });
}

void stomp_peer::on_alive() {
    session_.on_bytes_received(shard_.loop().now());
}

void stomp_peer::on_overflow() {
    // What is queued may still arrive, and the reason behind it; the link gives that a bounded
    // time.
    request_close(
        close_reason::slow_consumer,
        "More waits for this client than limits.outbound.queue allows: it reads too slowly.");
}

void stomp_peer::on_link_closed() {
    if (link_ == nullptr) return;
    link_ = nullptr;
    leave_all();
    shard_.leave(*this);
}

void stomp_peer::request_close(close_reason reason, std::string_view detail,
                               std::optional<std::chrono::milliseconds> back_after) {
    if (link_ == nullptr) return;
    session_.on_close_requested(reason, detail, back_after, shard_.current_actions());
    perform_all();
    finish_turn();
}

// ---------------------------------------------------------------------------------------- time

void stomp_peer::set_timer() {
    if (link_ == nullptr) return;
    auto const due = session_.next_deadline();
    if (due >= timer_due_) return;  // the timer asks again when it fires
    timer_due_ = due;
    shard_.loop().timers().set(*this, due);
}

void stomp_peer::on_deadline(steady_time now) {
    auto const keep = shared_from_this();
    // What was sent since the last look counts as sent then: a beat may come early, never late.
    if (link_ != nullptr && link_->take_sent_mark()) session_.on_bytes_sent(last_timer_);
    last_timer_ = now;
    timer_due_ = steady_time::max();
    session_.on_time(now, std::chrono::system_clock::now(), shard_.current_actions());
    perform_all();
    finish_turn();
}

// ------------------------------------------------------------------------------------- actions

void stomp_peer::perform(action::send_frame what) {
    if (link_ == nullptr) return;
    link_->send({}, transport::make_payload(std::move(what.bytes)),
                what.binary ? transport::frame_kind::binary : transport::frame_kind::text);
}

void stomp_peer::perform(action::send_heart_beat) {
    if (link_ != nullptr) link_->send_heart_beat();
    session_.on_bytes_sent(shard_.loop().now());
}

void stomp_peer::perform(action::authenticate const& what) {
    auto done = [weak = weak_from_this()](auth_outcome outcome) {
        if (auto const self = weak.lock()) self->enter_directory(std::move(outcome));
    };
    auto const handshake = std::exchange(handshake_, nullptr);
    auto const& offered = empty(what.offered) && handshake ? *handshake : what.offered;
    shard_.node().credentials.authenticate(offered, shard_.loop(), std::move(done));
}

// Whoever sees the CONNECTED can count on the session being found, on every node.
void stomp_peer::enter_directory(auth_outcome outcome) {
    auto const* const who = std::get_if<principal_ptr>(&outcome);
    if (link_ == nullptr || session_.closed() || entered_ || who == nullptr ||
        user_key(**who).empty()) {
        return on_authenticated(std::move(outcome));
    }
    entered_ = true;
    user_ = user_key(**who);
    using std::chrono::system_clock;
    user_session here{.user = user_,
                      .id = std::string(session_.id()),
                      .transport = std::string(link_->transport_name()),
                      .since = std::chrono::floor<std::chrono::seconds>(system_clock::now())};
    auto done = [weak = weak_from_this(), outcome = std::move(outcome)]() mutable {
        if (auto const self = weak.lock()) self->on_authenticated(std::move(outcome));
    };
    shard_.node().directory.enter_session(std::move(here), shard_.loop(), std::move(done));
}

void stomp_peer::on_authenticated(auth_outcome outcome) {
    if (link_ == nullptr) return;
    session_.on_authenticated(std::move(outcome), shard_.loop().now(), shard_.current_actions());
    perform_all();
    feed_held();
    finish_turn();
}

void stomp_peer::perform(action::become_connected const& what) {
    parser_.set_version(what.version);
    if (link_ != nullptr) link_->limit_messages(std::numeric_limits<std::size_t>::max());
    user_ = what.caller ? user_key(*what.caller) : std::string();
}

void stomp_peer::perform(action::renew_caller const& what) {
    user_ = user_key(*what.caller);
}

void stomp_peer::perform(action::open_subscription what) {
    shard_.flush_events();  // what the session sent before comes before the subscription
    auto made = std::make_unique<live_subscription>();
    auto& opened = *what.opened;
    made->handle = opened.handle();
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

void stomp_peer::perform(action::publish what) {
    shard_.gather(topic_event{std::move(what.message)});
}

void stomp_peer::perform(action::publish_to_user what) {
    shard_.gather(user_event{std::move(what.user), std::move(what.queue), std::move(what.message)});
}

void stomp_peer::perform(action::app_send what) {
    shard_.flush_events();
    auto done = [weak = weak_from_this(), ticket = what.ticket](app_outcome outcome) {
        auto const self = weak.lock();
        if (self == nullptr || self->link_ == nullptr) return;
        self->session_.on_app_done(ticket, std::move(outcome), self->shard_.loop().now(),
                                   self->shard_.current_actions());
        self->perform_all();
        self->feed_held();
        self->finish_turn();
    };
    app_request const request{.frame = *what.frame,
                              .destination = what.destination,
                              .caller = session_.caller(),
                              .session_id = session_.id(),
                              .home = shard_.loop()};
    auto const flow = shard_.node().app.on_app_send(request, std::move(done));
    session_.on_app_flow(what.ticket, flow, shard_.current_actions());
}

void stomp_peer::perform(action::deliver what) {
    if (link_ == nullptr) return;
    link_->send(
        transport::make_payload(std::move(what.head)),
        routing::tail_payload(what.message, session_.version()),
        what.message->binary() ? transport::frame_kind::binary : transport::frame_kind::text);
}

void stomp_peer::perform(action::close const& what) {
    leave_all();
    if (link_ != nullptr) link_->close(what.reason, what.detail);
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
    if (head) perform(action::deliver{std::move(*head), what});
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
    topic_refusal why{"access_ended",
                      "You are no member of " + std::string(destination) + " any more."};
    shard_.loop().post([weak = weak_from_this(), handle = (*found)->handle, why = std::move(why)] {
        auto const self = weak.lock();
        if (self == nullptr || self->link_ == nullptr) return;
        self->session_.on_subscription_ended(handle, why, self->shard_.current_actions());
        self->perform_all();
        self->feed_held();
        self->finish_turn();
    });
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
