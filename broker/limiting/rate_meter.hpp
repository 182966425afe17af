#pragma once

#include "broker/ports/clock.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

// Token buckets, each in one number: the time at which the bucket is full again (GCRA, ITU-T
// I.371). An empty bucket is as far from that time as its burst takes to refill; one that is full
// says nothing and may be forgotten. The clock is the caller's. No lock, any thread.

namespace broker::limiting {

// One in each `interval`, and up to `burst` at once after a rest.
struct rate {
    std::chrono::nanoseconds interval{0};  // zero: no limit
    std::uint32_t burst = 1;

    bool off() const noexcept { return interval.count() == 0; }
    // What a full bucket holds, as time.
    std::chrono::nanoseconds reserve() const noexcept { return interval * burst; }
    friend bool operator==(rate const&, rate const&) = default;
};

// A rate that may be exchanged while meters go by it. Who reads meanwhile may see half of the old
// one, for one event.
class adjustable_rate {
public:
    void set(rate to) noexcept {
        interval_.store(to.interval.count(), std::memory_order_relaxed);
        burst_.store(std::max(to.burst, 1U), std::memory_order_relaxed);
    }
    rate get() const noexcept {
        return {std::chrono::nanoseconds(interval_.load(std::memory_order_relaxed)),
                burst_.load(std::memory_order_relaxed)};
    }

private:
    std::atomic<std::int64_t> interval_{0};
    std::atomic<std::uint32_t> burst_{1};
};

class rate_meter {
public:
    // Takes one in any case, and answers how long after `now` it would have been allowed: zero if
    // it is. Of several that take at once each gets a time of its own.
    std::chrono::nanoseconds take(rate const& by, steady_time now) noexcept {
        if (by.off()) return {};
        auto const start = count(now);
        auto seen = full_at_.load(std::memory_order_relaxed);
        std::int64_t next = 0;
        do {
            next = std::max(seen, start) + by.interval.count();
        } while (!full_at_.compare_exchange_weak(seen, next, std::memory_order_relaxed));
        return beyond(by, next - start);
    }

    // Takes one if it is allowed now: zero. Else takes nothing, and answers when it would be.
    std::chrono::nanoseconds try_take(rate const& by, steady_time now) noexcept {
        if (by.off()) return {};
        auto const start = count(now);
        auto seen = full_at_.load(std::memory_order_relaxed);
        std::int64_t next = 0;
        do {
            next = std::max(seen, start) + by.interval.count();
            if (auto const wait = beyond(by, next - start); wait.count() > 0) return wait;
        } while (!full_at_.compare_exchange_weak(seen, next, std::memory_order_relaxed));
        return {};
    }

    // One that was taken does not count after all.
    void give_back(rate const& by) noexcept {
        full_at_.fetch_sub(by.interval.count(), std::memory_order_relaxed);
    }

    // How long who takes one now would have to wait.
    std::chrono::nanoseconds wait(rate const& by, steady_time now) const noexcept {
        if (by.off()) return {};
        auto const start = count(now);
        return beyond(by, std::max(full_at_.load(std::memory_order_relaxed), start) +
                              by.interval.count() - start);
    }

    void refill() noexcept { full_at_.store(0, std::memory_order_relaxed); }

    bool full(steady_time now) const noexcept {
        return full_at_.load(std::memory_order_relaxed) <= count(now);
    }

private:
    static std::int64_t count(steady_time now) noexcept {
        return std::chrono::nanoseconds(now.time_since_epoch()).count();
    }
    static std::chrono::nanoseconds beyond(rate const& by, std::int64_t taken) noexcept {
        return std::max(std::chrono::nanoseconds(taken) - by.reserve(), std::chrono::nanoseconds{});
    }

    std::atomic<std::int64_t> full_at_{0};
};

}  // namespace broker::limiting
