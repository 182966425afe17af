#include "broker/transport/sockjs/session.hpp"

#include "broker/shard_metrics.hpp"
#include "broker/transport/sockjs/frame_encoder.hpp"
#include "broker/transport/sockjs/session_registry.hpp"
#include "broker/transport/sockjs/utf8.hpp"

#include <algorithm>
#include <utility>

namespace broker::transport::sockjs {
namespace {

constexpr std::size_t slowest_link_bytes_per_second = 16 * 1024;

}  // namespace

session::session(session_registry& registry, std::string id, client_secret secret,
                 std::unique_ptr<handler> application, std::shared_ptr<session_claim> claim)
    : registry_(registry),
      id_(std::move(id)),
      secret_(secret),
      claim_(std::move(claim)),
      application_(std::move(application)) {
    registry_.timers().set(*this, registry_.now() + registry_.options().disconnect_delay);
}

session::~session() {
    queued_bytes_ = 0;
    count_queue();
}

void session::attach(std::shared_ptr<receiver> next, ticket which) {
    if (phase_ == phase::closed) {
        next->send_frame(close_frame_);
        next->end();
        registry_.timers().set(*this, registry_.now() + registry_.options().disconnect_delay);
        return;
    }
    if (receiver_) {
        next->send_frame(encode_close(2010, "Another connection still open"));
        next->end();
        return;
    }
    receiver_ = std::move(next);
    ticket_ = which;
    transport_name_ = receiver_->transport_name();
    attached_at_ = registry_.now();
    last_frame_ = attached_at_;
    sent_bytes_ = 0;
    unsent_at_heart_beat_ = 0;
    registry_.timers().set(*this, last_frame_ + registry_.options().heart_beat);

    if (phase_ == phase::fresh) {
        phase_ = phase::open;
        send_frame(std::string(open_frame));
        application_->on_open(*this);
    } else {
        send_queued();
    }
    count_queue();
}

void session::receiver_lost(ticket which) {
    if (which != ticket_ || phase_ == phase::closed) return;
    receiver_.reset();
    interrupted_ = true;
    close_frame_ = encode_close(1002, "Connection interrupted");
    finish({1006, "connection interrupted"});
}

void session::send(payload_ref head, payload_ref tail, frame_kind kind) {
    if (phase_ != phase::open) return;
    if (kind == frame_kind::binary) {
        std::string whole(bytes_of(head));
        whole += bytes_of(tail);
        if (!is_utf8(whole)) {
            bool const droppable = is_droppable(head) || is_droppable(tail);
            auto* const text = new payload(replace_invalid_utf8(whole));
            text->droppable = droppable;
            head = payload_ref(text);
            tail = {};
        }
    }
    queued_bytes_ += bytes_of(head).size() + bytes_of(tail).size();
    queue_.push_back({std::move(head), std::move(tail)});
    touch();
}

void session::close(std::uint16_t code, std::string_view reason) {
    if (phase_ != phase::open) return;
    phase_ = phase::closing;
    waiting_outcome_ = send_outcome::accepted;
    end_ = end_of_session{code, std::string(utf8_prefix(reason, 123))};
    close_frame_ = encode_close(code, end_->reason);
    touch();
}

void session::abort(std::uint16_t code, std::string_view reason) {
    if (phase_ == phase::closed) return;
    end_of_session end{code, std::string(utf8_prefix(reason, 123))};
    close_frame_ = encode_close(code, end.reason);
    if (receiver_ && receiver_->queued_bytes() != 0) {
        std::exchange(receiver_, nullptr)->drop();
    } else if (receiver_) {
        receiver_->send_frame(close_frame_);
        detach();
    }
    finish(std::move(end));
}

void session::resume_reading() {
    if (!std::exchange(paused_, false)) return;
    if (!inbound_.empty()) touch();
}

bool session::input_overdue() const {
    return !inbound_.empty() && registry_.now() - inbound_.front().since >= answer_within;
}

std::size_t session::queued_bytes() const {
    return queued_bytes_ + (receiver_ ? receiver_->queued_bytes() : 0);
}

void session::take(inbound_batch batch) {
    if (phase_ == phase::closed && interrupted_) return batch.done(send_outcome::gone);
    // As on a WebSocket that is closing: what still comes in is read by nobody.
    if (phase_ != phase::open) return batch.done(send_outcome::accepted);
    if (inbound_.size() >= registry_.options().held_sends) return batch.done(send_outcome::busy);
    batch.since = registry_.now();
    inbound_.push_back(std::move(batch));
    deliver_inbound();
}

void session::deliver_inbound() {
    if (std::exchange(delivering_, true)) return;
    while (!inbound_.empty() && !paused_ && phase_ == phase::open) {
        auto& batch = inbound_.front();
        while (batch.next != batch.messages.size() && !paused_ && phase_ == phase::open) {
            application_->on_message(batch.messages[batch.next++], frame_kind::text);
        }
        if (batch.next != batch.messages.size()) break;
        auto done = std::move(batch.done);
        inbound_.pop_front();
        done(send_outcome::accepted);
    }
    delivering_ = false;
    if (phase_ == phase::closing) answer_inbound(send_outcome::accepted);
}

void session::answer_inbound(send_outcome outcome) {
    for (auto& batch : std::exchange(inbound_, {})) batch.done(outcome);
}

void session::flush() {
    touched_ = false;
    send_queued();
    if (!paused_ && phase_ == phase::open) deliver_inbound();
    check_overflow();
    if (phase_ == phase::closing) answer_inbound(send_outcome::accepted);
    if (phase_ == phase::closed) report_end();
    count_queue();
}

void session::count_queue() noexcept {
    auto const more =
        static_cast<std::int64_t>(queued_bytes_) - static_cast<std::int64_t>(counted_bytes_);
    shard_metrics::here().session_queue_bytes.add(more);
    counted_bytes_ = queued_bytes_;
}

void session::send_queued() {
    while (receiver_ && !queue_.empty()) send_frame(next_message_frame());
    if (!receiver_ || phase_ != phase::closing) return;
    receiver_->send_frame(close_frame_);
    detach();
    finish(std::move(*end_));
}

std::string session::next_message_frame() {
    auto const room = receiver_->room();
    message_frame frame(std::min(queued_bytes_, room));
    std::size_t sent = 0;
    do {
        auto const& next = queue_[sent];
        queued_bytes_ -= bytes_of(next.head).size() + bytes_of(next.tail).size();
        frame.add(bytes_of(next.head), bytes_of(next.tail));
        ++sent;
    } while (sent != queue_.size() && frame.size() < room);
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(sent));
    return frame.take();
}

void session::send_frame(std::string frame) {
    auto const current = receiver_;  // a broken connection may take it away meanwhile
    sent_bytes_ += frame.size();
    current->send_frame(std::move(frame));
    last_frame_ = registry_.now();
    unsent_at_heart_beat_ = 0;
    if (receiver_ == current && current->room() == 0) detach();
}

void session::detach() {
    auto const leaving = std::exchange(receiver_, nullptr);
    leaving->end();
    registry_.timers().set(*this,
                           registry_.now() + time_to_read() + registry_.options().disconnect_delay);
}

// A client on a slow link asks for more only when it has read what it was sent. How far it is
// nobody knows: the system's buffers hide it.
std::chrono::milliseconds session::time_to_read() const {
    std::chrono::milliseconds const reading(sent_bytes_ * 1000 / slowest_link_bytes_per_second);
    auto const since =
        std::chrono::duration_cast<std::chrono::milliseconds>(registry_.now() - attached_at_);
    return std::max(reading - since, std::chrono::milliseconds::zero());
}

void session::on_deadline(steady_time now) {
    auto const self = shared_from_this();
    if (receiver_) return heart_beat(now);
    if (phase_ == phase::closing) finish(std::move(*end_));
    if (phase_ != phase::closed) finish({1006, "session expired"});
    report_end();
    registry_.timers().cancel(*this);
    registry_.remove(*this);
}

void session::heart_beat(steady_time now) {
    auto const due = last_frame_ + registry_.options().heart_beat;
    if (now < due) return registry_.timers().set(*this, due);
    auto const unsent = receiver_->queued_bytes();
    if (unsent_at_heart_beat_ != 0 && unsent >= unsent_at_heart_beat_) {
        // Nothing of what waited a whole interval ago has left: nobody reads there.
        receiver_->drop();
        return receiver_lost(ticket_);
    }
    registry_.timers().set(*this, now + registry_.options().heart_beat);
    send_frame(std::string(heart_beat_frame));
    unsent_at_heart_beat_ = unsent;
}

void session::check_overflow() {
    auto const bound = registry_.options().outbound_bytes;
    if (phase_ != phase::open || queued_bytes() <= bound) return;
    drop_droppable();
    if (queued_bytes() > bound) application_->on_overflow(*this);
}

void session::drop_droppable() {
    auto const dropped = std::erase_if(queue_, [this](queued_message const& message) {
        if (!is_droppable(message.head) && !is_droppable(message.tail)) return false;
        queued_bytes_ -= bytes_of(message.head).size() + bytes_of(message.tail).size();
        return true;
    });
    shard_metrics::here().dropped_messages.add(dropped);
}

void session::finish(end_of_session end) {
    phase_ = phase::closed;
    end_ = std::move(end);
    queue_ = {};
    queued_bytes_ = 0;
    registry_.timers().set(*this, registry_.now() + registry_.options().disconnect_delay);
    touch();
}

void session::report_end() {
    if (std::exchange(reported_, true)) return;
    answer_inbound(waiting_outcome_);
    auto const application = std::move(application_);
    application->on_close(end_->code, end_->reason);
}

void session::touch() {
    if (!std::exchange(touched_, true)) registry_.flush_later(*this);
}

}  // namespace broker::transport::sockjs
