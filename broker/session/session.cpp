#include "broker/session/session.hpp"

#include "broker/session/session_internals.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace broker {

// By command; null where only servers send it.
struct session::dispatch {
    using handler = void (session::*)(incoming const&);

    static handler handler_of(stomp::command command) noexcept {
        static constexpr std::array<handler, stomp::command_count> handlers{
            &session::on_connect,      // CONNECT
            &session::on_connect,      // STOMP
            nullptr,                   // CONNECTED
            &session::on_send,         // SEND
            &session::on_subscribe,    // SUBSCRIBE
            &session::on_unsubscribe,  // UNSUBSCRIBE
            &session::on_ack,          // ACK
            &session::on_ack,          // NACK
            &session::on_begin,        // BEGIN
            &session::on_commit,       // COMMIT
            &session::on_abort,        // ABORT
            &session::on_disconnect,   // DISCONNECT
            nullptr,                   // MESSAGE
            nullptr,                   // RECEIPT
            nullptr,                   // ERROR
        };
        static_assert(handlers[static_cast<std::size_t>(stomp::command::abort)] ==
                      &session::on_abort);
        return handlers[static_cast<std::size_t>(command)];
    }
};

session::session(session_environment const& environment, session_start start)
    : environment_(environment),
      id_(std::move(start.id)),
      phase_(awaiting_connect{start.now + environment.limits.connect_timeout}),
      caller_(std::move(start.caller)),
      wall_offset_(start.wall_now.time_since_epoch() - start.now.time_since_epoch()),
      link_(start.link) {
    if (id_.empty() || id_.size() > max_session_id_bytes) {
        throw std::invalid_argument("a session id has 1 to 64 characters");
    }
}

session::~session() = default;

void session::on_frame(stomp::frame const& frame, steady_time now, actions& out) {
    if (closed() || std::holds_alternative<disconnecting>(phase_)) return;
    if (suspended()) throw std::logic_error("a frame was fed to a suspended session");

    ++frames_;
    auto const& rule = stomp::rule_of(frame.command);
    incoming const in{frame, now, frames_,
                      rule.may_ask_receipt ? frame.find("receipt") : std::nullopt, out};
    auto const handler = dispatch::handler_of(frame.command);

    if (handler == nullptr) {
        return refuse(in, {.message = "command not allowed",
                           .detail = std::string(rule.name) + " is sent by servers only"});
    }
    if (connected() == stomp::is_handshake(frame.command)) {
        if (connected()) {
            return refuse(
                in, {.message = "already connected",
                     .detail = std::string(rule.name) + " came on a session that is connected"});
        }
        return refuse(in, {.message = "not connected",
                           .detail = "The first frame must be CONNECT or STOMP, not " +
                                     std::string(rule.name)});
    }
    if (connected()) {
        if (expired(*caller_, now)) return end_expired(in.receipt, out);
        if (rule.since > version_) {
            return refuse(in, {.message = "unknown command",
                               .detail = std::string(rule.name) + " does not exist in STOMP " +
                                         std::string(stomp::to_string(version_))});
        }
        if (auto const missing = stomp::first_missing_header(frame, version_); !missing.empty()) {
            auto const header = std::string(missing);
            return refuse(in,
                          {.message = header + " missing",
                           .detail = std::string(rule.name) + " needs a '" + header + "' header"});
        }
    }
    (this->*handler)(in);
}

void session::on_frame_too_fast(stomp::frame const& frame, std::chrono::milliseconds retry_after,
                                actions& out) {
    if (closed()) return;
    auto const& rule = stomp::rule_of(frame.command);
    fail({.reason = close_reason::rate_limited,
          .message = std::string(describe(close_reason::rate_limited).text),
          .detail = "The " + std::string(rule.name) +
                    " was not carried out: more than the limits allow came before it" +
                    frame_reference(frames_ + 1),
          .code = "rate_limited",
          .retry_after = retry_after},
         rule.may_ask_receipt ? frame.find("receipt") : std::nullopt, out);
}

void session::on_parse_error(stomp::parse_error const& error, actions& out) {
    if (closed()) return;
    auto detail = error.describe();
    if (detail.ends_with('.')) detail.pop_back();
    fail({.reason = stomp::is_limit(error.code) ? close_reason::message_too_big
                                                : close_reason::protocol_error,
          .message = std::string(stomp::text(error.code)),
          .detail = detail + frame_reference(frames_ + 1)},
         error.receipt.empty() ? std::nullopt : std::optional(error.receipt), out);
}

void session::on_time(steady_time now, wall_time wall_now, actions& out) {
    wall_offset_ = wall_now.time_since_epoch() - now.time_since_epoch();
    if (closed()) return;

    if (auto const* waiting = std::get_if<awaiting_connect>(&phase_)) {
        if (now >= waiting->deadline) end(close_reason::connect_timeout, {}, out);
        return;
    }
    if (auto const* waiting = std::get_if<authenticating>(&phase_)) {
        if (now >= waiting->deadline) end(close_reason::connect_timeout, {}, out);
        return;
    }
    if (auto const* leaving = std::get_if<disconnecting>(&phase_)) {
        if (now >= leaving->deadline) return end(close_reason::client_disconnect, {}, out);
        return beat_if_due(now, out);
    }

    if (expired(*caller_, now)) return end_expired(std::nullopt, out);
    // While the session is suspended the edge may not be reading: silence proves nothing.
    if (suspended()) heart_beats_.on_received(now);
    if (heart_beats_.client_missing(now)) {
        auto const waited = std::to_string(heart_beats_.patience().count());
        return fail({.reason = close_reason::heart_beat_missed,
                     .message = std::string(describe(close_reason::heart_beat_missed).text),
                     .detail = "Nothing was received for " + waited + " ms."},
                    std::nullopt, out);
    }
    beat_if_due(now, out);
}

void session::beat_if_due(steady_time now, actions& out) {
    if (!heart_beats_.beat_due(now)) return;
    out.add(action::send_heart_beat{});
    heart_beats_.on_sent(now);
}

steady_time session::next_deadline() const noexcept {
    if (auto const* waiting = std::get_if<awaiting_connect>(&phase_)) return waiting->deadline;
    if (auto const* waiting = std::get_if<authenticating>(&phase_)) return waiting->deadline;
    if (closed()) return steady_time::max();
    if (auto const* leaving = std::get_if<disconnecting>(&phase_)) {
        return std::min(leaving->deadline, heart_beats_.send_deadline());
    }
    auto next = heart_beats_.next_deadline();
    if (caller_->expires_at) next = std::min(next, to_steady(*caller_->expires_at));
    return next;
}

void session::on_close_requested(close_reason reason, std::string_view detail,
                                 std::optional<std::chrono::milliseconds> retry_after,
                                 actions& out) {
    if (closed()) return;
    // ERROR is a frame for a client that has begun to speak STOMP.
    if (std::holds_alternative<awaiting_connect>(phase_)) return end(reason, detail, out);

    auto const text = describe(reason).text;
    auto const delay = retry_after ? std::to_string(retry_after->count()) : std::string();
    stomp::header_view const more[] = {{"retry-after", delay}};
    std::string bytes;
    stomp::write_error(bytes, version_,
                       {.message = text,
                        .details = detail.empty() ? text : detail,
                        .receipt_id = std::nullopt,
                        .more = retry_after ? std::span<stomp::header_view const>(more)
                                            : std::span<stomp::header_view const>()});
    out.add(action::send_frame{std::move(bytes)});
    end(reason, detail, out);
}

bool session::suspended() const noexcept {
    if (auto const* state = std::get_if<connected_phase>(&phase_)) {
        return state->waiting || commit_ || barrier_ != app_ticket{} ||
               receipts_.size() >= environment_.limits.max_app_sends_in_flight;
    }
    return std::holds_alternative<authenticating>(phase_) || closed();
}

stomp::limits const& session::frame_limits() const noexcept {
    auto const stranger = std::holds_alternative<awaiting_connect>(phase_) ||
                          std::holds_alternative<authenticating>(phase_);
    return stranger ? environment_.limits.frames_before_connect : environment_.limits.frames;
}

// The frame was carried out. Within a COMMIT the COMMIT tells.
void session::done(incoming const& in) {
    if (in.commit == commit_number::none) settle(in.receipt, commit_number::none, in.out);
}

void session::settle(std::optional<std::string_view> receipt, commit_number commit, actions& out) {
    if (!receipt) return;
    if (!receipts_.idle()) return receipts_.add_done(*receipt, commit);
    send_receipt(*receipt, out);
}

void session::send_receipt(std::string_view receipt, actions& out) const {
    std::string bytes;
    stomp::write_frame(bytes, version_, stomp::command::receipt, {{"receipt-id", receipt}});
    out.add(action::send_frame{std::move(bytes)});
}

void session::send_ready_receipts(actions& out) {
    while (auto const owed = receipts_.take_ready()) {
        if (owed->failure) {
            return fail({.reason = reason_of(owed->failure->code),
                         .message = "message not accepted",
                         .detail = "The application refused the SEND to " +
                                   quoted(owed->note.destination()) + ": " +
                                   sentence_without_stop(owed->failure->reason) + ".",
                         .code = owed->failure->code},
                        owed->note.receipt(), out);
        }
        if (owed->wants_receipt) send_receipt(owed->note.receipt().value_or(""), out);
    }
}

void session::refuse(incoming const& in, refusal const& why) {
    auto numbered = why;
    numbered.detail += frame_reference(in.number);
    fail(numbered, in.receipt, in.out);
}

void session::fail(refusal const& why, std::optional<std::string_view> receipt, actions& out) {
    auto const delay = why.retry_after ? std::to_string(why.retry_after->count()) : std::string();
    stomp::header_view const more[] = {{"code", why.code}, {"retry-after", delay}};
    std::size_t const count = why.code.empty() ? 0 : why.retry_after ? 2 : 1;
    std::string bytes;
    stomp::write_error(bytes, version_,
                       {.message = why.message,
                        .details = why.detail,
                        .receipt_id = receipt,
                        .more = std::span(more).first(count)});
    out.add(action::send_frame{std::move(bytes)});
    end(why.reason, why.message, out);
}

void session::end(close_reason reason, std::string_view detail, actions& out) {
    phase_ = ended{};
    // The rest is rolled back or told to nobody. Frames of a COMMIT may be in `out` yet: commit_
    // stays.
    transactions_.reset();
    out.add(action::close{reason, std::string(detail)});
}

std::string quoted(std::string_view text) {
    constexpr std::size_t longest = 200;
    auto shown = std::string("'");
    if (text.size() <= longest) {
        shown += text;
    } else {
        // Not in the middle of a character.
        auto cut = longest;
        while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80) --cut;
        shown += text.substr(0, cut);
        shown += "...";
    }
    shown += '\'';
    return shown;
}

std::string sentence_without_stop(std::string_view sentence) {
    if (sentence.ends_with('.')) sentence.remove_suffix(1);
    return std::string(sentence);
}

close_reason reason_of_login(std::string_view refusal_code) noexcept {
    if (refusal_code == "too_many_sessions") return close_reason::too_many_sessions;
    if (refusal_code == "rate_limited" || refusal_code == "too_many_logins")
        return close_reason::rate_limited;
    if (refusal_code == "auth_unavailable") return close_reason::internal_error;
    if (refusal_code == "banned") return close_reason::banned;
    return close_reason::credentials_refused;
}

close_reason reason_of(std::string_view refusal_code) noexcept {
    return refusal_code.starts_with("store_") ? close_reason::internal_error
                                              : close_reason::access_denied;
}

std::string frame_reference(std::uint64_t number) {
    return " (frame " + std::to_string(number) + ").";
}

}  // namespace broker
