#include "broker/routing/destination.hpp"
#include "broker/session/app_error_json.hpp"
#include "broker/session/session.hpp"
#include "broker/session/session_internals.hpp"
#include "stomp/ack_mode.hpp"

#include <charconv>
#include <utility>
#include <vector>

// SUBSCRIBE, UNSUBSCRIBE, and the ends of subscriptions that the client did not ask for.

namespace broker {
namespace {

std::optional<std::uint64_t> parse_seq(std::string_view text) {
    std::uint64_t seq = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return seq;
}

}  // namespace

void session::on_subscribe(incoming const& in) {
    auto const& limits = environment_.limits;
    auto const id = in.frame.find("id");
    auto const name = in.frame.get("destination");
    if (id && id->size() > limits.max_id_bytes) {
        return refuse(in, {.message = "subscription id too long",
                           .detail = "A subscription's id may have " +
                                     std::to_string(limits.max_id_bytes) + " bytes"});
    }
    auto const* const taken =
        id ? subscriptions_.find_by_id(*id) : subscriptions_.find_by_destination(name);
    // A 1.0 client may well have a subscription with an id and one without to one destination.
    auto const clashes = taken != nullptr && taken->id() == id;
    if (clashes && taken->state() != subscription_state::ended) {
        return refuse(in, {.message = "subscription id in use",
                           .detail = "The session has a subscription " +
                                     (id ? quoted(*id) : "to " + quoted(name)) + " already"});
    }
    if (clashes) {
        // It was ended by the node; to subscribe again is the natural answer.
        subscriptions_.take(taken->handle());
    }
    if (subscriptions_.size() >= limits.max_subscriptions) {
        return refuse(in, {.message = "too many subscriptions",
                           .detail = "A session may have " +
                                     std::to_string(limits.max_subscriptions) + " subscriptions"});
    }
    auto const ack = stomp::parse_ack_mode(in.frame.find("ack"));
    if (!ack) {
        return refuse(in, {.message = std::string(stomp::text(stomp::errc::invalid_ack_mode)),
                           .detail = "The 'ack' header must be auto, client or client-individual, "
                                     "not " +
                                     quoted(in.frame.get("ack"))});
    }
    auto const last_seq = in.frame.find("x-last-seq");
    auto const after_seq = last_seq ? parse_seq(*last_seq) : std::nullopt;
    if (last_seq && !after_seq) {
        return refuse(in, {.message = "invalid x-last-seq",
                           .detail = "The 'x-last-seq' header must be a number, 0 or above, not " +
                                     quoted(*last_seq)});
    }
    auto const to = parse_destination(name);
    if (!to) {
        return refuse(in, {.message = "invalid destination",
                           .detail = "SUBSCRIBE to " + quoted(name) + ": the destination " +
                                     to.error().message()});
    }
    if (auto const why = subscribe_refusal(*to)) return refuse(in, *why);

    last_subscription_ =
        static_cast<subscription_handle>(static_cast<std::uint32_t>(last_subscription_) + 1);
    auto const& opened = subscriptions_.add(
        subscription(last_subscription_, id, name, to->queue, source_of(*to), *ack));

    std::optional<std::string> receipt;
    if (in.receipt) receipt = std::string(*in.receipt);
    std::get<connected_phase>(phase_).waiting = std::make_unique<waiting_frame>(
        waiting_frame{std::move(receipt), in.number, last_subscription_});
    in.out.add(action::open_subscription{&opened, after_seq});
}

subscription_source session::source_of(destination const& to) const {
    if (to.kind == destination_kind::user_queue) return subscription_source::user_queue;
    if (to.kind == destination_kind::topic_pattern) return subscription_source::topic_pattern;
    return environment_.topics.owns(to.text) ? subscription_source::sequenced_topic
                                             : subscription_source::topic;
}

std::optional<session::refusal> session::subscribe_refusal(destination const& to) const {
    auto const denied = [&](std::string_view why) {
        return refusal{
            .reason = close_reason::access_denied,
            .message = std::string(describe(close_reason::access_denied).text),
            .detail = "SUBSCRIBE to " + quoted(to.text) + " is not allowed" + std::string(why)};
    };
    switch (to.kind) {
        case destination_kind::topic:
            // Whoever owns the topic decides when it is opened.
            if (environment_.topics.owns(to.text)) return std::nullopt;
            [[fallthrough]];
        case destination_kind::topic_pattern:
            if (!environment_.access.may_subscribe(*caller_, to.text)) {
                return denied(" by the access rules");
            }
            return std::nullopt;
        case destination_kind::user_queue:
            if (to.user.empty() || is_caller(to.user)) return std::nullopt;
            return denied(": it is the queue of another user");
        case destination_kind::app:
            return refusal{
                .message = "destination not supported",
                .detail = "SUBSCRIBE to " + quoted(to.text) + ": /app destinations take SEND only"};
        case destination_kind::work_queue: break;
    }
    return refusal{.message = "destination not supported",
                   .detail = "SUBSCRIBE to " + quoted(to.text) +
                             ": /queue destinations are not supported by this node"};
}

// By name, by number, or, for one without either, by the id of the session.
bool session::is_caller(std::string_view user) const {
    if (user == caller_->name || user == id_) return true;
    return caller_->user_id && user == std::to_string(*caller_->user_id);
}

void session::on_subscribe_done(subscription_handle handle, std::optional<topic_refusal> refused,
                                actions& out) {
    auto* const state = std::get_if<connected_phase>(&phase_);
    if (state == nullptr || !state->waiting || handle == subscription_handle::none ||
        state->waiting->opening != handle) {
        return;
    }
    auto const waiting = std::move(state->waiting);
    auto* const opened = subscriptions_.find(handle);
    if (refused) {
        return fail({.reason = reason_of(refused->code),
                     .message = "subscription refused",
                     .detail = "SUBSCRIBE to " + quoted(opened->destination()) +
                               " was refused: " + sentence_without_stop(refused->reason) +
                               frame_reference(waiting->number),
                     .code = refused->code},
                    waiting->receipt, out);
    }
    opened->set_state(subscription_state::active);
    settle(waiting->receipt, commit_number::none, out);
}

void session::on_unsubscribe(incoming const& in) {
    auto const id = in.frame.find("id");
    auto const* const found = id ? subscriptions_.find_by_id(*id)
                                 : subscriptions_.find_by_destination(in.frame.get("destination"));
    if (found == nullptr) {
        return refuse(in,
                      {.message = "no such subscription",
                       .detail = "The session has no subscription " +
                                 (id ? quoted(*id) : "to " + quoted(in.frame.get("destination")))});
    }
    auto taken = subscriptions_.take(found->handle());
    if (taken.needs_acks()) ack_subscription_ended_ = true;
    if (acks_) acks_->drop(taken.handle());
    if (taken.state() != subscription_state::ended) {
        in.out.add(action::end_subscription{std::move(taken)});
    }
    done(in);
}

void session::on_subscription_ended(subscription_handle handle, topic_refusal const& why,
                                    actions& out) {
    if (closed()) return;
    auto const* const found = subscriptions_.find(handle);
    if (found == nullptr || found->state() == subscription_state::ended) return;
    if (found->state() == subscription_state::opening) return on_subscribe_done(handle, why, out);

    auto taken = subscriptions_.take(handle);
    if (taken.needs_acks()) ack_subscription_ended_ = true;
    if (acks_) acks_->drop(handle);
    auto& left = subscriptions_.add(subscription(handle, taken.id(), taken.destination(),
                                                 taken.queue(), taken.source(), taken.ack()));
    left.set_state(subscription_state::ended);
    auto const json = to_json({.code = why.code,
                               .reason = why.reason,
                               .destination = taken.destination(),
                               .receipt = std::nullopt,
                               .idempotency_key = std::nullopt});
    out.add(action::end_subscription{std::move(taken)});
    auto const* const errors = subscriptions_.find_user_queue(user_errors_queue);
    if (errors != nullptr) tell_error(*errors, json, out);
}

void session::end_subscriptions(actions& out) {
    acks_.reset();
    while (!subscriptions_.empty()) {
        auto taken = subscriptions_.take(subscriptions_.begin()->handle());
        if (taken.state() != subscription_state::ended) {
            out.add(action::end_subscription{std::move(taken)});
        }
    }
}

}  // namespace broker
