#include "broker/limiting/limiter.hpp"

#include <algorithm>
#include <utility>

namespace broker::limiting {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

std::string_view label(limited what) noexcept {
    static constexpr std::array<std::string_view, limited_count> labels{
        "send_slowed",     "subscribe_slowed", "frame_refused",
        "connect_refused", "request_refused",  "login_refused",
        "socket_refused",  "session_refused",  "credentials_wrong"};
    return labels[static_cast<std::size_t>(what)];
}

limiter::limiter(limits const& begin, trusted_proxies proxies, std::size_t remember)
    : proxies_(std::move(proxies)), users_(remember), addresses_(remember) {
    set(begin);
}

void limiter::set(limits const& to) {
    // A meter keeps a time, which says another thing at another rate.
    if (to != set_) {
        users_.refill();
        addresses_.refill();
    }
    set_ = to;
    for (std::size_t i = 0; i < activity_count; ++i) {
        of_user_[i].set(to.of_user[i]);
        of_address_[i].set(to.of_address[i]);
    }
    longest_wait_.store(std::chrono::nanoseconds(to.longest_wait).count(), relaxed);
    sockets_per_address_.store(to.sockets_per_address, relaxed);
    sessions_per_address_.store(to.sessions_per_address, relaxed);
    sessions_per_user_.store(to.sessions_per_user, relaxed);
}

std::optional<socket_seat> limiter::admit_socket(client_address const& from, steady_time now) {
    auto const most = sockets_per_address_.load(relaxed);
    if (most == 0 || proxies_.trusts(from)) return socket_seat();
    auto account = addresses_.at(from.key(), now);
    if (!account->enter(holding::sockets, most)) {
        count(limited::socket_refused);
        return std::nullopt;
    }
    return socket_seat(std::move(account));
}

std::chrono::nanoseconds limiter::begin_session(client_address const& from, steady_time now) {
    auto const by = of_address(activity::connect);
    if (by.off()) return {};
    auto const wait = addresses_.at(from.key(), now)->meter(activity::connect).try_take(by, now);
    if (wait.count() > 0) count(limited::connect_refused);
    return wait;
}

std::chrono::nanoseconds limiter::login_wait(client_address const& from, steady_time now) {
    auto const by = of_address(activity::failed_login);
    if (by.off()) return {};
    auto const wait = addresses_.at(from.key(), now)->meter(activity::failed_login).wait(by, now);
    if (wait.count() > 0) refuse_login(limited::login_refused, login_limit::rate_limited);
    return wait;
}

std::chrono::nanoseconds limiter::login_wait(session_pass const& of, steady_time now) {
    auto const by = of_address(activity::failed_login);
    if (by.off() || of.address.of() == nullptr) return {};
    auto const wait = of.address.of()->meter(activity::failed_login).wait(by, now);
    if (wait.count() > 0) refuse_login(limited::login_refused, login_limit::rate_limited);
    return wait;
}

void limiter::on_wrong_credentials(client_address const& from, steady_time now) {
    count(limited::credentials_wrong);
    auto const by = of_address(activity::failed_login);
    if (by.off()) return;
    static_cast<void>(
        addresses_.at(from.key(), now)->meter(activity::failed_login).try_take(by, now));
}

void limiter::on_wrong_credentials(session_pass const& of, steady_time now) {
    count(limited::credentials_wrong);
    auto const by = of_address(activity::failed_login);
    if (of.address.of() == nullptr) return;
    static_cast<void>(of.address.of()->meter(activity::failed_login).try_take(by, now));
}

std::optional<session_pass> limiter::admit_session(client_address const& from, steady_time now) {
    session_pass pass;
    auto account = addresses_.at(from.key(), now);
    if (!account->enter(holding::sessions, sessions_per_address_.load(relaxed))) {
        count(limited::session_refused);
        return std::nullopt;
    }
    pass.address = session_seat(std::move(account));
    return pass;
}

limiter::verdict limiter::admit_user(session_pass& of, std::string_view user, bool back_end,
                                     steady_time now) {
    of.metered = !back_end;
    if (user.empty() || back_end) return verdict::welcome;
    auto account = users_.at(user, now);
    if (account->meter(activity::connect).try_take(of_user(activity::connect), now).count() > 0) {
        refuse_login(limited::connect_refused, login_limit::rate_limited);
        return verdict::too_fast;
    }
    if (!account->enter(holding::sessions, sessions_per_user_.load(relaxed))) {
        refuse_login(limited::session_refused, login_limit::too_many_sessions);
        return verdict::too_many_sessions;
    }
    of.user = session_seat(std::move(account));
    return verdict::welcome;
}

limiter::charged limiter::charge(session_pass const& by, activity what, steady_time now) {
    if (!by.metered) return {};
    std::chrono::nanoseconds const longest(longest_wait_.load(relaxed));
    auto* const user = by.user.of();
    auto* const address = by.address.of();
    auto const user_rate = of_user(what);
    auto const address_rate = of_address(what);
    // Asked before anything is taken: what is refused is not carried out and costs nothing.
    auto const wait_of = [&](account* of, rate const& rate) {
        return of == nullptr ? std::chrono::nanoseconds{} : of->meter(what).wait(rate, now);
    };
    auto const ahead = std::max(wait_of(user, user_rate), wait_of(address, address_rate));
    if (ahead > longest) {
        count(limited::frame_refused);
        return {.refused = true, .wait = ahead};
    }
    charged out;
    if (user != nullptr) out.wait = user->meter(what).take(user_rate, now);
    if (address != nullptr) {
        out.wait = std::max(out.wait, address->meter(what).take(address_rate, now));
    }
    if (out.wait.count() > 0) {
        count(what == activity::subscribe ? limited::subscribe_slowed : limited::send_slowed);
    }
    return out;
}

limiter::allowance limiter::request_of(account_table& table, rate const& by, std::string_view key,
                                       steady_time now) {
    if (by.off()) return {};
    auto const wait = table.at(key, now)->meter(activity::request).try_take(by, now);
    if (wait.count() > 0) count(limited::request_refused);
    return {wait, by};
}

limiter::allowance limiter::request_of_address(std::string_view key, steady_time now) {
    return request_of(addresses_, of_address(activity::request), key, now);
}

limiter::allowance limiter::request_of_user(std::string_view key, steady_time now) {
    if (key.empty()) return {};
    return request_of(users_, of_user(activity::request), key, now);
}

void limiter::give_back_request(std::string_view address_key, steady_time now) {
    auto const by = of_address(activity::request);
    if (!by.off()) addresses_.at(address_key, now)->meter(activity::request).give_back(by);
}

}  // namespace broker::limiting
