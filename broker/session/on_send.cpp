#include "broker/routing/destination.hpp"
#include "broker/session/app_error_json.hpp"
#include "broker/session/message_head.hpp"
#include "broker/session/passed_headers.hpp"
#include "broker/session/session.hpp"
#include "broker/session/session_internals.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <stdexcept>
#include <utility>

// SEND: to topics, to users' queues and to the application, and what the application answers.

namespace broker {
namespace {

// "SESSION-17", on the stack.
class message_id_text {
public:
    message_id_text(std::string_view session_id, std::uint64_t number) {
        auto* at = std::ranges::copy(session_id, text_).out;
        *at++ = '-';
        size_ = static_cast<std::size_t>(std::to_chars(at, std::end(text_), number).ptr - text_);
    }
    std::string_view view() const noexcept { return {text_, size_}; }

private:
    char text_[max_session_id_bytes + 1 + 20];
    std::size_t size_;
};

}  // namespace

void session::on_send(incoming const& in) {
    auto const transaction = in.frame.find("transaction");
    if (!transaction) return carry_out_send(in);

    // What would be refused at COMMIT is better refused now.
    auto const to = parse_destination(in.frame.get("destination"));
    if (auto const why = send_refusal(in.frame, to)) return refuse(in, *why);
    if (to->text == refresh_destination) {
        return refuse(
            in, {.message = "transaction not allowed",
                 .detail = "A SEND to " + quoted(to->text) + " cannot be part of a transaction"});
    }
    keep_for_commit(in, *transaction);
}

void session::carry_out_send(incoming const& in) {
    auto to = parse_destination(in.frame.get("destination"));
    if (auto const why = send_refusal(in.frame, to)) return refuse(in, *why);

    if (to->kind == destination_kind::app) {
        if (to->text == refresh_destination) return refresh(in);
        return begin_app_send(in, to->text);
    }
    message_id_text const id(id_, ++last_message_);
    auto const as_seen =
        to->kind == destination_kind::user_queue ? "/user" + std::string(to->queue) : std::string();
    auto made = std::make_shared<message const>(
        message_parts{.destination = as_seen.empty() ? to->text : std::string_view(as_seen),
                      .id = id.view(),
                      .received = in.now,
                      .headers = in.frame.headers,
                      .passes = filter_for(in.frame),
                      .body = in.frame.body});
    if (to->kind == destination_kind::user_queue) {
        if (to->user.empty()) to->user = caller_->name;
        in.out.add(
            action::publish_to_user{std::move(to->user), std::string(to->queue), std::move(made)});
    } else {
        in.out.add(action::publish{std::move(made)});
    }
    done(in);
}

std::optional<session::refusal> session::send_refusal(
    stomp::frame const& frame, boost::system::result<destination> const& to) const {
    auto const name = frame.get("destination");
    if (frame.has("message-id")) {
        return refusal{.message = "message-id not allowed",
                       .detail = "SEND must not have a 'message-id' header: the node gives the id"};
    }
    if (!to) {
        return refusal{
            .message = "invalid destination",
            .detail = "SEND to " + quoted(name) + ": the destination " + to.error().message()};
    }
    // Made when needed: every SEND comes by here.
    auto const denied = [&](std::string_view why) {
        return refusal{.reason = close_reason::access_denied,
                       .message = std::string(describe(close_reason::access_denied).text),
                       .detail = "SEND to " + quoted(name) + " is not allowed" + std::string(why)};
    };
    constexpr std::string_view by_rule = " by the access rules";
    switch (to->kind) {
        case destination_kind::app: return std::nullopt;
        case destination_kind::topic:
            if (environment_.topics.owns(name)) {
                return denied(": its messages are stored and are sent through /app");
            }
            if (!environment_.access.may_send(*caller_, name)) return denied(by_rule);
            return std::nullopt;
        case destination_kind::user_queue:
            if (to->user.empty() && caller_->anonymous()) {
                return denied(": the session has no user");
            }
            if (!environment_.access.may_send(*caller_, name)) return denied(by_rule);
            return std::nullopt;
        case destination_kind::topic_pattern:
            return refusal{.message = "invalid destination",
                           .detail = "SEND to " + quoted(name) +
                                     ": a destination with wildcards is for SUBSCRIBE only"};
        case destination_kind::work_queue: break;
    }
    return refusal{.message = "destination not supported",
                   .detail = "SEND to " + quoted(name) +
                             ": /queue destinations are not supported by this node"};
}

void session::begin_app_send(incoming const& in, std::string_view destination) {
    last_ticket_ = static_cast<app_ticket>(static_cast<std::uint64_t>(last_ticket_) + 1);
    // The note is for telling of a failure: without anybody to tell there is none.
    app_send_note note;
    if (in.receipt || subscriptions_.find_user_queue(user_errors_queue) != nullptr) {
        note = app_send_note(in.receipt, destination, in.frame.find("idempotency-key"));
    }
    // What is done leaves the queue at once, but for what waits behind others.
    bool const behind_others = !receipts_.idle();
    receipts_.begin(last_ticket_, std::move(note), in.commit);
    if (commit_) commit_->flow_awaited = last_ticket_;
    in.out.add(action::app_send{last_ticket_, &in.frame, destination, behind_others});
}

void session::on_app_flow(action::app_send const& sent, app_flow flow, actions& out) {
    if (closed()) return;
    auto const ticket = sent.ticket;
    if (flow == app_flow::after_others) return defer(sent, out);
    deferred_.reset();
    if (barrier_ == ticket) barrier_ = app_ticket{};
    if (flow == app_flow::barrier) {
        auto const* const owed = receipts_.find(ticket);
        if (owed != nullptr && !owed->done) barrier_ = ticket;
    }
    if (commit_ && commit_->flow_awaited == ticket) {
        commit_->flow_awaited = app_ticket{};
        continue_commit(out);
    }
}

void session::defer(action::app_send const& sent, actions& out) {
    // Nothing would ever end its wait.
    if (!sent.behind_others) {
        throw std::logic_error("a SEND to " + quoted(sent.destination) +
                               " was to wait for others, and there are none before it");
    }
    deferred_ = std::make_unique<kept_frame>(*sent.frame);
    barrier_ = sent.ticket;
    begin_deferred(out);
}

void session::begin_deferred(actions& out) {
    if (!deferred_ || !receipts_.is_oldest(barrier_)) return;
    auto const& frame = deferred_->frame();
    out.add(action::app_send{barrier_, &frame, frame.get("destination"), false});
}

void session::on_app_done(app_ticket ticket, app_outcome outcome, steady_time now, actions& out) {
    if (closed()) return;
    auto* const owed = receipts_.find(ticket);
    if (owed == nullptr || owed->done) return;
    owed->done = true;
    // What was deferred bars the frames behind it until its flow is known: its edge performs an
    // action just now, and may not feed.
    if (barrier_ == ticket && !deferred_) barrier_ = app_ticket{};
    if (auto* const error = std::get_if<app_error>(&outcome)) {
        on_app_failure(*owed, std::move(*error), out);
    }
    send_ready_receipts(out);
    if (!closed()) begin_deferred(out);
    if (!closed()) continue_commit(out);
    linger_when_done(now, out);
}

// With an errors queue the client is told there, at once, and gets no RECEIPT. Without one an ERROR
// takes the RECEIPT's place, in its turn; who asked for neither hears nothing.
void session::on_app_failure(owed_receipt& owed, app_error error, actions& out) {
    auto const* const errors = subscriptions_.find_user_queue(user_errors_queue);
    if (errors == nullptr) {
        if (owed.note.receipt()) owed.failure = std::make_unique<app_error>(std::move(error));
        return;
    }
    tell_error(*errors,
               to_json({.code = error.code,
                        .reason = error.reason,
                        .destination = owed.note.destination(),
                        .receipt = owed.note.receipt(),
                        .idempotency_key = owed.note.idempotency_key()}),
               out);
    owed.wants_receipt = false;
    if (owed.commit == commit_number::none) return;
    if (commit_ && commit_->number == owed.commit) {
        commit_->failed = true;
    } else {
        receipts_.withhold(owed.commit);
    }
}

void session::tell_error(subscription const& errors, std::string_view json, actions& out) {
    message_id_text const id(id_, ++last_message_);
    stomp::header_view const headers[] = {{"content-type", "application/json"}};
    auto told = std::make_shared<message const>(message_parts{
        .destination = "/user/queue/errors", .id = id.view(), .headers = headers, .body = json});
    if (!errors.needs_acks()) {
        return out.add(action::deliver{make_message_head(version_, errors.id()), std::move(told)});
    }
    auto head = on_deliver(errors.handle(), told, out);
    if (head) out.add(action::deliver{std::move(*head), std::move(told)});
}

}  // namespace broker
