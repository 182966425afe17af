#include "broker/session/message_head.hpp"
#include "broker/session/session.hpp"
#include "broker/session/session_internals.hpp"

#include <algorithm>
#include <utility>

// Deliveries that ask for acknowledgement, and ACK and NACK for them.

namespace broker {

std::optional<std::string> session::on_deliver(subscription_handle handle,
                                               message_ptr const& message, actions& out) {
    if (closed()) return std::nullopt;
    auto const* const to = subscriptions_.find(handle);
    if (to == nullptr || to->state() == subscription_state::ended) return std::nullopt;
    if (!to->needs_acks()) return make_message_head(version_, to->id());

    auto const most = environment_.limits.max_pending_acks;
    if (acks_ && acks_->size() >= most) {
        fail({.reason = close_reason::slow_consumer,
              .message = "too many unacknowledged messages",
              .detail = "The session has " + std::to_string(most) +
                        " messages without ACK, the most that it may have."},
             std::nullopt, out);
        return std::nullopt;
    }
    return enter_delivery(*to, message, 1);
}

std::string session::enter_delivery(subscription const& to, message_ptr message,
                                    std::uint32_t attempt) {
    if (!acks_) acks_ = std::make_unique<pending_acks>();
    auto const number =
        acks_->add(to.handle(), to.ack() == stomp::ack_mode::client, std::move(message), attempt);
    // Older versions acknowledge by message-id.
    std::optional<std::string> tag;
    if (version_ == stomp::version::v1_2) tag = to_string(ack_tag{to.handle(), number});
    return make_message_head(version_, to.id(), tag, attempt > 1);
}

// ACK and NACK.
void session::on_ack(incoming const& in) {
    if (auto const transaction = in.frame.find("transaction")) {
        return keep_for_commit(in, *transaction);
    }
    carry_out_ack(in);
}

void session::carry_out_ack(incoming const& in) {
    auto settled = settled_by(in.frame);
    if (settled.empty() && !lawful_though_unknown(in.frame)) {
        auto const name = version_ == stomp::version::v1_2 ? "id" : "message-id";
        return refuse(in, {.message = "nothing to acknowledge",
                           .detail = std::string(stomp::to_string(in.frame.command)) + ": " +
                                     quoted(in.frame.get(name)) +
                                     " names no message that waits for its ACK"});
    }
    if (in.frame.command == stomp::command::nack && in.frame.get("requeue") != "false") {
        for (auto& delivery : settled) redeliver(std::move(delivery), in.out);
    }
    done(in);
}

std::vector<pending_ack> session::settled_by(stomp::frame const& frame) {
    if (!acks_) return {};
    if (version_ == stomp::version::v1_2) {
        auto const tag = parse_ack_tag(frame.get("id"));
        if (!tag) return {};
        return acks_->settle(*tag);
    }
    // 1.0 need not say which subscription; with the id alone the oldest is meant.
    auto among = subscription_handle::none;
    if (auto const id = frame.find("subscription")) {
        auto const* const named = subscriptions_.find_by_id(*id);
        if (named == nullptr) return {};
        among = named->handle();
    }
    auto const number = acks_->find(among, frame.get("message-id"));
    if (!number) return {};
    return acks_->settle({among, *number});
}

// Clients acknowledge what needs none (an auto subscription: stompjs then says "id:undefined"),
// what a later cumulative ACK has settled before, and what belongs to a subscription that has just
// ended. Anything else that is unknown is a mistake, and not to tell would leave the client with a
// ledger that differs from ours.
bool session::lawful_though_unknown(stomp::frame const& frame) const {
    auto const tag = version_ == stomp::version::v1_2 ? parse_ack_tag(frame.get("id"))
                                                      : std::optional<ack_tag>();
    if (tag && frame.command == stomp::command::ack && acks_ && acks_->issued(tag->number)) {
        auto const* const named = subscriptions_.find(tag->subscription);
        if (named != nullptr && named->ack() == stomp::ack_mode::client) return true;
    }
    auto const known = [this](subscription const* named) {
        return named == nullptr ? ack_subscription_ended_ : !named->needs_acks();
    };
    if (auto const id = frame.find("subscription")) {
        auto const found = std::ranges::find(subscriptions_, id, &subscription::id);
        return known(found == subscriptions_.end() ? nullptr : &*found);
    }
    if (tag) return known(subscriptions_.find(tag->subscription));
    // It does not say which: an auto subscription may be meant if there is one.
    return ack_subscription_ended_ ||
           std::ranges::any_of(subscriptions_,
                               [](subscription const& s) { return !s.needs_acks(); });
}

void session::redeliver(pending_ack delivery, actions& out) {
    auto const* const to = subscriptions_.find(delivery.subscription);
    if (to == nullptr || to->state() == subscription_state::ended) return;
    if (delivery.attempt >= environment_.limits.max_delivery_attempts) return;
    auto head = enter_delivery(*to, delivery.message, delivery.attempt + 1);
    out.add(action::deliver{std::move(head), std::move(delivery.message)});
}

}  // namespace broker
