#pragma once

#include "broker/limiting/account_table.hpp"
#include "broker/limiting/client_address.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// How much one user and one address may do on this node, and how many connections each may hold.
// Exact for the node, whatever shards their connections live on: the meters are shared, and are
// reached through a pass that each session keeps. Other nodes count for themselves.
// docs/decisions/0022-limits-slow-before-they-refuse.md. Any thread; the clock is the caller's.

namespace broker::limiting {

// Plain values; zero: no limit.
struct limits {
    std::array<rate, activity_count> of_user{};
    std::array<rate, activity_count> of_address{};
    // Who would have to wait longer than this for what came already is refused.
    std::chrono::milliseconds longest_wait{10'000};
    std::uint32_t sockets_per_address = 0;
    std::uint32_t sessions_per_address = 0;
    std::uint32_t sessions_per_user = 0;

    rate& user(activity what) { return of_user[static_cast<std::size_t>(what)]; }
    rate& address(activity what) { return of_address[static_cast<std::size_t>(what)]; }
    friend bool operator==(limits const&, limits const&) = default;
};

// What a limit did; counted for the node.
enum class limited : std::uint8_t {
    send_slowed,        // a SEND after which its session was not read for a while
    subscribe_slowed,   // the same for a SUBSCRIBE
    frame_refused,      // a frame that was refused, and its session with it
    connect_refused,    // a session that was not begun: too many lately
    request_refused,    // a REST request: 429
    login_refused,      // not even looked at: too many wrong credentials lately
    socket_refused,     // too many sockets of an address
    session_refused,    // too many sessions of an address or a user
    credentials_wrong,  // no limit: what was looked at and refused
};
inline constexpr std::size_t limited_count = 9;

// Why credentials are refused for a limit, whatever they are: the codes of the refusals.
enum class login_limit : std::uint8_t { rate_limited, too_many_sessions };
inline constexpr std::array<std::string_view, 2> login_limit_codes{"rate_limited",
                                                                   "too_many_sessions"};

std::string_view label(limited what) noexcept;

// What a session keeps of the limiter while it lives.
struct session_pass {
    session_seat address;  // empty: where it comes from is not known
    session_seat user;     // empty: nobody in particular, or somebody without limits
    bool metered = true;   // false: a back end, which speaks for many
};

class limiter {
public:
    static constexpr std::size_t remembered = 200'000;  // users, and as many addresses

    limiter(limits const& begin, trusted_proxies proxies, std::size_t remember = remembered);
    limiter(limiter const&) = delete;
    limiter& operator=(limiter const&) = delete;

    // New values, for everybody from now on; where they differ, everybody begins rested. Those who
    // hold more connections than they may now keep them. From one thread at a time.
    void set(limits const& to);

    trusted_proxies const& proxies() const noexcept { return proxies_; }

    // A socket was accepted: its seat, or nothing if the address has its share. One of a trusted
    // proxy takes none.
    std::optional<socket_seat> admit_socket(client_address const& from, steady_time now);

    // Whether somebody at the address may try to begin a session, or to bring credentials: zero,
    // or how long they have to wait. The first takes one, the second looks only.
    std::chrono::nanoseconds begin_session(client_address const& from, steady_time now);
    std::chrono::nanoseconds login_wait(client_address const& from, steady_time now);
    std::chrono::nanoseconds login_wait(session_pass const& of, steady_time now);
    // Credentials were wrong.
    void on_wrong_credentials(client_address const& from, steady_time now);
    void on_wrong_credentials(session_pass const& of, steady_time now);

    // A session of the address; nothing if it has its share.
    std::optional<session_pass> admit_session(client_address const& from, steady_time now);

    // The session is the user's (their key; empty: nobody's). A back end's is not metered.
    enum class verdict : std::uint8_t { welcome, too_many_sessions, too_fast };
    verdict admit_user(session_pass& of, std::string_view user, bool back_end, steady_time now);

    // A frame is about to be carried out. Not `refused`: it is, and the session is read on after
    // `wait`. Refused: it would be allowed after `wait`.
    struct charged {
        bool refused = false;
        std::chrono::nanoseconds wait{0};
    };
    charged charge(session_pass const& by, activity what, steady_time now);

    // One REST request, taken if it is allowed. `key`: client_address::key() or the user's.
    struct allowance {
        std::chrono::nanoseconds wait{0};  // zero: allowed
        rate by{};
    };
    allowance request_of_address(std::string_view key, steady_time now);
    allowance request_of_user(std::string_view key, steady_time now);
    // It was a back end's, which has no limit.
    void give_back_request(std::string_view address_key, steady_time now);

    void count(limited what) noexcept {
        counts_[static_cast<std::size_t>(what)].fetch_add(1, std::memory_order_relaxed);
    }
    // Since the start.
    std::uint64_t counted(limited what) const noexcept {
        return counts_[static_cast<std::size_t>(what)].load(std::memory_order_relaxed);
    }

    // Credentials that were refused for it, since the start.
    std::uint64_t refused_logins(login_limit why) const noexcept {
        return refused_logins_[static_cast<std::size_t>(why)].load(std::memory_order_relaxed);
    }

    account_table const& users() const noexcept { return users_; }
    account_table const& addresses() const noexcept { return addresses_; }

private:
    rate of_user(activity what) const noexcept {
        return of_user_[static_cast<std::size_t>(what)].get();
    }
    rate of_address(activity what) const noexcept {
        return of_address_[static_cast<std::size_t>(what)].get();
    }
    allowance request_of(account_table& table, rate const& by, std::string_view key,
                         steady_time now);

    void refuse_login(limited what, login_limit why) noexcept {
        count(what);
        refused_logins_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
    }

    limits set_;  // for set() only
    std::array<adjustable_rate, activity_count> of_user_;
    std::array<adjustable_rate, activity_count> of_address_;
    std::atomic<std::int64_t> longest_wait_{0};  // ns
    std::atomic<std::uint32_t> sockets_per_address_{0};
    std::atomic<std::uint32_t> sessions_per_address_{0};
    std::atomic<std::uint32_t> sessions_per_user_{0};
    trusted_proxies const proxies_;
    account_table users_;
    account_table addresses_;
    // Touched when something is limited, which is never on the way of a message.
    std::array<std::atomic<std::uint64_t>, limited_count> counts_{};
    std::array<std::atomic<std::uint64_t>, login_limit_codes.size()> refused_logins_{};
};

}  // namespace broker::limiting
