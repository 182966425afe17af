#pragma once

#include "broker/limiting/rate_meter.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

// What one user, or one address, has done lately and holds at present. Shared by their connections
// on all shards; any thread, no lock.

namespace broker::limiting {

enum class activity : std::uint8_t {
    send,          // SEND frames
    subscribe,     // SUBSCRIBE frames
    connect,       // sessions that begin
    request,       // REST
    failed_login,  // credentials that were wrong; of addresses only
};
inline constexpr std::size_t activity_count = 5;

enum class holding : std::uint8_t { sockets, sessions };
inline constexpr std::size_t holding_count = 2;

class account : public boost::intrusive_ref_counter<account> {
public:
    rate_meter& meter(activity what) noexcept { return meters_[static_cast<std::size_t>(what)]; }

    // Counts one more, unless there are `most` already. Zero: no limit.
    bool enter(holding what, std::uint32_t most) noexcept {
        auto& held = held_[static_cast<std::size_t>(what)];
        auto seen = held.load(std::memory_order_relaxed);
        do {
            if (most != 0 && seen >= most) return false;
        } while (!held.compare_exchange_weak(seen, seen + 1, std::memory_order_relaxed));
        return true;
    }
    void leave(holding what) noexcept {
        held_[static_cast<std::size_t>(what)].fetch_sub(1, std::memory_order_relaxed);
    }
    std::uint32_t held(holding what) const noexcept {
        return held_[static_cast<std::size_t>(what)].load(std::memory_order_relaxed);
    }

    void refill() noexcept {
        for (auto& meter : meters_) meter.refill();
    }

    // Nothing would be different if it were made anew.
    bool says_nothing(steady_time now) const noexcept {
        for (auto const& meter : meters_) {
            if (!meter.full(now)) return false;
        }
        return use_count() == 1;
    }

private:
    std::array<rate_meter, activity_count> meters_;
    std::array<std::atomic<std::uint32_t>, holding_count> held_{};
};

using account_ptr = boost::intrusive_ptr<account>;

// A place of an account, given back at the end. Empty: none was needed.
template <holding What>
class seat {
public:
    seat() = default;
    // Takes over a place that was entered.
    explicit seat(account_ptr of) noexcept : of_(std::move(of)) {}
    seat(seat&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    seat& operator=(seat&& other) noexcept {
        if (this != &other) {
            release();
            of_ = std::exchange(other.of_, nullptr);
        }
        return *this;
    }
    ~seat() { release(); }

    // Null if it is empty.
    account* of() const noexcept { return of_.get(); }

    void release() noexcept {
        if (of_ == nullptr) return;
        of_->leave(What);
        of_ = nullptr;
    }

private:
    account_ptr of_;
};

using socket_seat = seat<holding::sockets>;
using session_seat = seat<holding::sessions>;

}  // namespace broker::limiting
