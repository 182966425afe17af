#include "broker/peer/stomp_peer.hpp"

#include "broker/frame_tracer.hpp"
#include "broker/peer/live_subscription.hpp"
#include "broker/ports/ban_list.hpp"
#include "broker/routing/fan_out.hpp"
#include "broker/send_brake.hpp"
#include "broker/shard.hpp"
#include "broker/shard_metrics.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

namespace broker {
namespace {

// CONNECTED, RECEIPT, ERROR and MESSAGE differ in their first letters.
void count_sent(std::string_view frame) {
    auto const command = frame.starts_with('R')   ? stomp::command::receipt
                         : frame.starts_with('E') ? stomp::command::error
                         : frame.starts_with('M') ? stomp::command::message
                                                  : stomp::command::connected;
    shard_metrics::here().frames_sent[static_cast<std::size_t>(command)].add();
}

bool empty(credentials const& offered) {
    return !offered.login && !offered.passcode && !offered.authorization;
}

}  // namespace

stomp_peer::stomp_peer(shard& where, transport::link& out, link_traits traits, link_origin from)
    : shard_(where),
      link_(&out),
      session_(where.sessions(), {.id = where.new_session_id(),
                                  .link = traits,
                                  .caller = nullptr,
                                  .now = where.loop().now(),
                                  .wall_now = std::chrono::system_clock::now()}),
      pass_(std::move(from.pass)),
      address_(from.address) {
    if (!empty(from.handshake)) {
        handshake_ = std::make_unique<credentials>(std::move(from.handshake));
    }
}

stomp_peer::~stomp_peer() {
    on_link_closed();
}

void stomp_peer::on_open() {
    shard_.enter(*this);
    count_opened();
    auto const& strangers = session_.frame_limits();
    link_->limit_messages(strangers.max_headers_total + strangers.max_body + 64);
    set_timer();
}

void stomp_peer::on_bytes(std::span<char> bytes, bool ends_text_message) {
    if (link_ == nullptr) return;
    session_.on_bytes_received(shard_.loop().now());
    if (!held_.empty() || must_wait()) {
        hold(bytes, ends_text_message);
        return;
    }
    feed(bytes, ends_text_message);
    finish_turn();
}

void stomp_peer::feed(std::span<char> bytes, bool ends_text_message) {
    tell_ended();
    feeding_ = true;
    auto const now = shard_.loop().now();
    while (!session_.closed()) {
        if (must_wait()) {
            hold(bytes, ends_text_message);
            break;
        }
        bool const at_end = bytes.empty();
        auto const outcome = at_end && ends_text_message
                                 ? parser_.finish_message(shard_.scratch())
                                 : parser_.next(bytes, shard_.scratch(), session_.frame_limits());
        if (at_end) ends_text_message = false;
        if (auto const* frame = std::get_if<stomp::frame>(&outcome)) {
            shard_metrics::here().frames_received[static_cast<std::size_t>(frame->command)].add();
            if (auto const* const tracer = shard_.tracer()) [[unlikely]]
                tracer->on_received(*this, *frame);
            if (pay_for(*frame, now)) session_.on_frame(*frame, now, shard_.current_actions());
            perform_all();
        } else if (auto const* error = std::get_if<stomp::parse_error>(&outcome)) {
            shard_metrics::here().malformed_frames.add();
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
    if (feeding_ || must_wait() || link_ == nullptr) return;
    if (held_.empty() && !held_ends_text_message_) {
        link_->resume_reading();
        return;
    }
    auto held = std::exchange(held_, {});
    bool const ends = std::exchange(held_ends_text_message_, false);
    feed(held, ends);
    if (held_.empty() && !must_wait() && link_ != nullptr) link_->resume_reading();
}

// The frame itself goes on as ever; those behind it wait.
void stomp_peer::slow_down() {
    auto* const brake = shard_.node().brake;
    if (brake == nullptr || !brake->on()) return;
    if (link_ == nullptr || link_->input_overdue()) return;
    pace_.on_send(*brake, shard_.loop().now());
    link_->pause_reading();
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

session_facts stomp_peer::facts() const {
    return {.session = session_.id(),
            .user = user_,
            .transport = link_ != nullptr ? link_->transport_name() : std::string_view()};
}

journal* stomp_peer::log() const {
    auto* const all = shard_.node().log;
    return all != nullptr && all->wanted() ? all : nullptr;
}

void stomp_peer::on_link_closed(std::uint16_t websocket_code) {
    if (link_ == nullptr) return;
    link_ = nullptr;  // first: it may be in its destructor, where it cannot be asked any more
    if (auto* const to = log()) to->closed(facts());
    count_closed(websocket_code);
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
    auto const due = std::min(session_.next_deadline(), pace_.deadline());
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
    // The client's heart-beats may lie unread behind what waits: its silence proves nothing.
    if (pace_.waiting()) session_.on_bytes_received(now);
    session_.on_time(now, std::chrono::system_clock::now(), shard_.current_actions());
    perform_all();
    if (pace_.end_at(now)) feed_held();
    finish_turn();
}

// ------------------------------------------------------------------------------------- actions

void stomp_peer::perform(action::send_frame what) {
    if (link_ == nullptr) return;
    count_sent(what.bytes);
    if (auto const* const tracer = shard_.tracer()) [[unlikely]]
        tracer->on_sent(*this, session_.version(), what.bytes, {});
    link_->send({}, transport::make_payload(std::move(what.bytes)),
                what.binary ? transport::frame_kind::binary : transport::frame_kind::text);
}

void stomp_peer::perform(action::send_heart_beat) {
    if (link_ != nullptr) link_->send_heart_beat();
    session_.on_bytes_sent(shard_.loop().now());
}

void stomp_peer::perform(action::authenticate const& what) {
    if (auto refused = login_refused()) return on_authenticated(std::move(*refused));
    auto done = [weak = weak_from_this()](auth_outcome outcome) {
        if (auto const self = weak.lock()) self->on_checked(std::move(outcome));
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
    auto const* const bans = shard_.node().bans;
    auto const* const who = std::get_if<principal_ptr>(&outcome);
    // Again: a ban may have come since the credentials were checked, and has closed those only who
    // were sessions by then.
    if (bans != nullptr && who != nullptr && bans->is_banned(**who)) outcome = banned_refusal();
    session_.on_authenticated(std::move(outcome), shard_.loop().now(), shard_.current_actions());
    perform_all();
    feed_held();
    finish_turn();
}

void stomp_peer::perform(action::become_connected const& what) {
    parser_.set_version(what.version);
    if (link_ != nullptr && !std::exchange(counted_connected_, true)) {
        shard_metrics::here().sessions.add();
    }
    if (link_ != nullptr) link_->limit_messages(std::numeric_limits<std::size_t>::max());
    user_ = what.caller ? user_key(*what.caller) : std::string();
    if (auto* const to = log()) to->connected(facts());
}

void stomp_peer::perform(action::renew_caller const& what) {
    user_ = user_key(*what.caller);
}

void stomp_peer::perform(action::publish what) {
    slow_down();
    shard_.gather(topic_event{std::move(what.message)});
}

void stomp_peer::perform(action::publish_to_user what) {
    slow_down();
    shard_.gather(user_event{std::move(what.user), std::move(what.queue), std::move(what.message)});
}

void stomp_peer::note(noted_request const& what, app_outcome const& outcome) const {
    auto* const to = log();
    if (to == nullptr) return;
    auto const* const error = std::get_if<app_error>(&outcome);
    to->app_request({.session = session_.id(),
                     .user = user_,
                     .destination = what.destination,
                     .outcome = error == nullptr ? std::string_view("ok") : error->code,
                     .trace = what.trace.get()});
}

void stomp_peer::perform(action::app_send what) {
    shard_.flush_events();
    std::unique_ptr<noted_request> noted;
    if (log() != nullptr) {
        noted =
            std::make_unique<noted_request>(std::string(what.destination), trace_of(*what.frame));
    }
    auto done = [weak = weak_from_this(), ticket = what.ticket,
                 noted = std::move(noted)](app_outcome outcome) {
        auto const self = weak.lock();
        if (self == nullptr || self->link_ == nullptr) return;
        if (noted) self->note(*noted, outcome);
        self->tell_ended();
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
                              .home = shard_.loop(),
                              .behind_others = what.behind_others};
    auto const flow = shard_.node().app.on_app_send(request, std::move(done));
    if (flow != app_flow::after_others) slow_down();
    session_.on_app_flow(what, flow, shard_.current_actions());
}

// Of the session's own; what subscriptions get is counted by fan_out.
void stomp_peer::perform(action::deliver what) {
    shard_metrics::here().frames_sent[static_cast<std::size_t>(stomp::command::message)].add();
    hand_over(std::move(what));
}

void stomp_peer::hand_over(action::deliver what) {
    if (link_ == nullptr) return;
    if (auto const* const tracer = shard_.tracer()) [[unlikely]]
        tracer->on_sent(*this, session_.version(), what.head,
                        what.message->tail(session_.version()));
    link_->send(
        transport::make_payload(std::move(what.head)),
        routing::tail_payload(what.message, session_.version()),
        what.message->binary() ? transport::frame_kind::binary : transport::frame_kind::text);
}

void stomp_peer::perform(action::close const& what) {
    if (!closed_because_) closed_because_ = what.reason;
    if (auto* const to = log()) to->closing(facts(), what.reason);
    leave_all();
    if (link_ != nullptr) link_->close(what.reason, what.detail);
}

}  // namespace broker
