#include "broker/limiting/limiter.hpp"
#include "broker/peer/stomp_peer.hpp"
#include "broker/shard.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

// What a session may do, and who may begin one.

namespace broker {
namespace {

// Back ends act for many users, so what one user may do says nothing about them.
constexpr std::string_view back_end_role = "service";

std::chrono::milliseconds in_ms(std::chrono::nanoseconds time) {
    return std::chrono::ceil<std::chrono::milliseconds>(time);
}

std::optional<limiting::activity> activity_of(stomp::command command) {
    if (command == stomp::command::send) return limiting::activity::send;
    if (command == stomp::command::subscribe) return limiting::activity::subscribe;
    return std::nullopt;
}

}  // namespace

bool stomp_peer::pay_for(stomp::frame const& frame, steady_time now) {
    auto* const limiter = shard_.node().limiter;
    if (limiter == nullptr || !session_.connected()) return true;
    auto const what = activity_of(frame.command);
    if (!what) return true;
    auto const due = limiter->charge(pass_, *what, now);
    if (due.refused) {
        session_.on_frame_too_fast(frame, in_ms(due.wait), shard_.current_actions());
        return false;
    }
    // A link whose answer is due is read on: what it brings beyond the longest wait is refused.
    if (due.wait.count() > 0 && link_ != nullptr && !link_->input_overdue()) {
        pace_.hold_until(now + due.wait);
        link_->pause_reading();
    }
    return true;
}

std::optional<auth_refusal> stomp_peer::login_refused() {
    auto* const limiter = shard_.node().limiter;
    if (limiter == nullptr || session_.connected()) return std::nullopt;
    auto const wait = limiter->login_wait(pass_, shard_.loop().now());
    if (wait.count() == 0) return std::nullopt;
    return auth_refusal{"rate_limited", "Too many wrong credentials came from this address lately.",
                        in_ms(wait)};
}

std::optional<auth_refusal> stomp_peer::user_refused(principal const& who) {
    using enum limiting::limiter::verdict;
    auto* const limiter = shard_.node().limiter;
    if (limiter == nullptr) return std::nullopt;
    auto const now = shard_.loop().now();
    switch (limiter->admit_user(pass_, user_key(who), who.has_role(back_end_role), now)) {
        case welcome: break;
        case too_many_sessions:
            return auth_refusal{"too_many_sessions",
                                "This user has as many sessions on this node as a user may have.",
                                std::nullopt};
        case too_fast:
            return auth_refusal{"rate_limited", "This user began too many sessions lately.",
                                std::nullopt};
    }
    return std::nullopt;
}

void stomp_peer::on_checked(auth_outcome outcome) {
    if (link_ == nullptr) return;
    if (auto const* refused = std::get_if<auth_refusal>(&outcome)) {
        auto* const limiter = shard_.node().limiter;
        if (limiter != nullptr && is_wrong(*refused)) {
            limiter->on_wrong_credentials(pass_, shard_.loop().now());
        }
    } else if (!session_.connected() && pass_.user.of() == nullptr) {
        // Not when a session brings fresh credentials: it is one already.
        if (auto refusal = user_refused(*std::get<principal_ptr>(outcome))) {
            return on_authenticated(std::move(*refusal));
        }
    }
    enter_directory(std::move(outcome));
}

}  // namespace broker
