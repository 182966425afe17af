#include "broker/routing/destination.hpp"
#include "broker/session/app_error_json.hpp"
#include "broker/session/session.hpp"
#include "broker/session/session_internals.hpp"
#include "broker/trimmed.hpp"
#include "stomp/heart_beat.hpp"
#include "stomp/version.hpp"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

// CONNECT, STOMP, and fresh credentials on a session that is connected.

namespace broker {
namespace {

constexpr std::string_view server_name = "stampede/0.1.0";

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

std::optional<std::string> authorization_of(stomp::frame const& frame) {
    for (auto const& h : frame.headers) {
        if (equals_ignoring_case(h.name, "authorization")) return std::string(h.value);
    }
    return std::nullopt;
}

std::optional<std::string> header(stomp::frame const& frame, std::string_view name) {
    auto const value = frame.find(name);
    if (!value) return std::nullopt;
    return std::string(*value);
}

// Nothing if the frame brings none. Clients that have no credentials like to send empty ones.
std::optional<credentials> credentials_of(stomp::frame const& frame) {
    credentials offered{header(frame, "login"), header(frame, "passcode"), authorization_of(frame)};
    auto const blank = [](std::optional<std::string> const& value) {
        return !value || value->empty();
    };
    if (blank(offered.authorization)) offered.authorization.reset();
    if (!offered.authorization && blank(offered.login) && blank(offered.passcode)) {
        return std::nullopt;
    }
    return offered;
}

stomp::heart_beat_pair offered_heart_beats(session_limits const& limits, link_traits link) {
    if (!link.heart_beats) return {};
    return {limits.heart_beat_send_every, limits.heart_beat_want_every};
}

}  // namespace

void session::on_connect(incoming const& in) {
    auto const version = stomp::negotiate(in.frame.find("accept-version"));
    if (!version) {
        stomp::header_view const supported[] = {{"version", stomp::supported_versions}};
        std::string bytes;
        auto const message = stomp::text(stomp::errc::version_not_supported);
        stomp::write_error(
            bytes, version_,
            {.message = message,
             .details = "Supported protocol versions are " +
                        std::string(stomp::supported_versions) + frame_reference(in.number),
             .receipt_id = std::nullopt,
             .more = supported});
        in.out.add(action::send_frame{std::move(bytes)});
        return end(close_reason::protocol_error, message, in.out);
    }
    // 1.0 has no heart-beats, and the header there is nobody's but the client's.
    bool const beats = *version != stomp::version::v1_0;
    auto const client_beats =
        stomp::parse_heart_beat(beats ? in.frame.find("heart-beat") : std::nullopt);
    if (!client_beats) {
        return refuse(in, {.message = std::string(stomp::text(stomp::errc::invalid_heart_beat)),
                           .detail = "The 'heart-beat' header must be two numbers of milliseconds, "
                                     "\"0,0\", not " +
                                     quoted(in.frame.get("heart-beat"))});
    }

    version_ = *version;
    stomp::heart_beat_plan plan;
    if (beats) {
        plan = stomp::negotiate(*client_beats, offered_heart_beats(environment_.limits, link_));
    }
    auto offered = credentials_of(in.frame);
    if (!offered && caller_) return connect_as(caller_, plan, in.now, in.out);

    auto const deadline = std::get<awaiting_connect>(phase_).deadline;
    phase_ = authenticating{deadline, plan};
    in.out.add(action::authenticate{std::move(offered).value_or(credentials{})});
}

void session::on_authenticated(auth_outcome outcome, steady_time now, actions& out) {
    if (auto* state = std::get_if<connected_phase>(&phase_)) {
        if (!state->waiting || state->waiting->opening != subscription_handle::none) return;
        auto const waiting = std::move(state->waiting);
        return finish_refresh(*waiting, std::move(outcome), now, out);
    }
    auto const* state = std::get_if<authenticating>(&phase_);
    if (state == nullptr) return;
    if (auto const* refused = std::get_if<auth_refusal>(&outcome)) {
        auto const reason = reason_of_login(refused->code);
        return fail({.reason = reason,
                     .message = std::string(describe(reason).text),
                     .detail = refused->reason,
                     .code = refused->code,
                     .retry_after = refused->retry_after},
                    std::nullopt, out);
    }
    auto const plan = state->heart_beats;
    connect_as(std::get<principal_ptr>(std::move(outcome)), plan, now, out);
}

void session::connect_as(principal_ptr caller, stomp::heart_beat_plan plan, steady_time now,
                         actions& out) {
    if (expired(*caller, now)) return end_expired(std::nullopt, out);
    caller_ = std::move(caller);
    heart_beats_ = heart_beat_monitor(plan, environment_.limits, link_, now);
    phase_ = connected_phase{};
    out.add(action::become_connected{version_, caller_});

    auto const beats = stomp::to_string(offered_heart_beats(environment_.limits, link_));
    std::vector<stomp::header_view> headers;
    // 1.0 knows no `version`, and a client that speaks it would not look for the others.
    if (version_ != stomp::version::v1_0) {
        headers.push_back({"version", stomp::to_string(version_)});
        headers.push_back({"heart-beat", beats});
    }
    headers.push_back({"session", id_});
    headers.push_back({"server", server_name});
    if (!caller_->anonymous()) headers.push_back({"user-name", caller_->name});
    std::string bytes;
    stomp::write_frame(bytes, version_, stomp::command::connected, headers);
    out.add(action::send_frame{std::move(bytes)});
}

// SEND to /app/auth.refresh: the token is in `Authorization` or is the body.
void session::refresh(incoming const& in) {
    auto authorization = authorization_of(in.frame);
    if (!authorization) {
        auto const token = trimmed(in.frame.body, " \t\r\n");
        if (token.empty()) {
            return refuse(in, {.message = "credentials missing",
                               .detail = "A SEND to '/app/auth.refresh' needs an 'Authorization' "
                                         "header or a token as its body",
                               .code = "credentials_missing"});
        }
        authorization = "Bearer ";
        *authorization += token;
    }
    std::optional<std::string> receipt;
    if (in.receipt) receipt = std::string(*in.receipt);
    std::get<connected_phase>(phase_).waiting = std::make_unique<waiting_frame>(
        waiting_frame{std::move(receipt), in.number, subscription_handle::none});
    in.out.add(action::authenticate{{std::nullopt, std::nullopt, std::move(authorization)}});
}

void session::finish_refresh(waiting_frame const& waiting, auth_outcome outcome, steady_time now,
                             actions& out) {
    if (auto const* refused = std::get_if<auth_refusal>(&outcome)) {
        return on_refused_refresh(waiting, *refused, out);
    }
    refusal why{.reason = close_reason::credentials_refused,
                .message = std::string(describe(close_reason::credentials_refused).text),
                .detail = {}};
    auto fresh = std::get<principal_ptr>(std::move(outcome));
    if (fresh->name != caller_->name || user_key(*fresh) != user_key(*caller_)) {
        why.detail =
            "The fresh credentials are those of somebody else" + frame_reference(waiting.number);
        why.code = "caller_changed";
        return fail(why, waiting.receipt, out);
    }
    if (expired(*fresh, now)) return end_expired(waiting.receipt, out);
    caller_ = std::move(fresh);
    out.add(action::renew_caller{caller_});
    settle(waiting.receipt, commit_number::none, out);
}

void session::on_refused_refresh(waiting_frame const& waiting, auth_refusal const& refused,
                                 actions& out) {
    // What the caller came with is good until it expires, so that there is time for another try.
    auto const* const errors = subscriptions_.find_user_queue(user_errors_queue);
    if (was_not_checked(refused) && (errors != nullptr || !waiting.receipt)) {
        if (errors == nullptr) return;
        return tell_error(*errors,
                          to_json({.code = refused.code,
                                   .reason = refused.reason,
                                   .destination = refresh_destination,
                                   .receipt = waiting.receipt,
                                   .idempotency_key = std::nullopt}),
                          out);
    }
    auto const reason = reason_of_login(refused.code);
    fail({.reason = reason,
          .message = std::string(describe(reason).text),
          .detail = sentence_without_stop(refused.reason) + frame_reference(waiting.number),
          .code = refused.code,
          .retry_after = refused.retry_after},
         waiting.receipt, out);
}

void session::end_expired(std::optional<std::string_view> receipt, actions& out) {
    fail({.reason = close_reason::credentials_expired,
          .message = std::string(describe(close_reason::credentials_expired).text),
          .detail = "The credentials of this session have expired; connect with fresh ones.",
          .code = "token_expired"},
         receipt, out);
}

bool session::expired(principal const& caller, steady_time now) const noexcept {
    return caller.expires_at && now >= to_steady(*caller.expires_at);
}

steady_time session::to_steady(wall_time time) const noexcept {
    // What lies before 1970 has passed, and must not overflow below.
    if (time.time_since_epoch() <= wall_time::duration::zero()) return steady_time{};
    return steady_time(
        std::chrono::duration_cast<steady_time::duration>(time.time_since_epoch() - wall_offset_));
}

}  // namespace broker
