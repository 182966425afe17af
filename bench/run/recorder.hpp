#pragma once

#include "bench/client/client_loop.hpp"
#include "bench/result.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

// What one thread of the bench saw, second by second and in sum. Used by its thread only, but
// for what says otherwise.
//
// Counts belong to the second in which a thing happened, latencies to the time at which it was due:
// a message that was due in the measured time counts even when it comes after it.

namespace bench {

// The times of a load, which all threads share.
struct load_times {
    bench_clock::time_point start = bench_clock::time_point::max();  // the warm-up is first
    bench_clock::time_point measured_from = bench_clock::time_point::max();
    bench_clock::time_point measured_to = bench_clock::time_point::max();

    bool warming_up(bench_clock::time_point at) const noexcept { return at < measured_from; }
    bool measuring(bench_clock::time_point at) const noexcept {
        return at >= measured_from && at < measured_to;
    }
    // When the second that begins at `begin` ends. The measured time cuts it off where it begins
    // and where it ends, so that each second is of one part of the load.
    bench_clock::time_point second_ends(bench_clock::time_point begin) const noexcept;
};

// How many sessions there are, over all threads. Used by all of them.
class session_count {
public:
    // How many there are with it.
    std::uint64_t opened() noexcept { return now_.fetch_add(1, std::memory_order_relaxed) + 1; }
    void closed() noexcept { now_.fetch_sub(1, std::memory_order_relaxed); }
    std::uint64_t now() const noexcept { return now_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> now_ = 0;
};

class recorder {
public:
    // `of_all` counts the sessions of all threads and outlives it; without one they are this
    // thread's alone.
    explicit recorder(session_count* of_all = nullptr)
        : sessions_(of_all == nullptr ? &own_sessions_ : of_all) {}
    recorder(recorder const&) = delete;
    recorder& operator=(recorder const&) = delete;

    // The load begins at `start`; what is due from `start + warm_up` to before `end` is measured.
    void begin(bench_clock::time_point start, bench_clock::duration warm_up,
               bench_clock::time_point end);

    // A message went out; late by the bench's own fault when `now` is after `possible`, from when
    // on nothing else was waited for.
    void sent(bench_clock::time_point due, bench_clock::time_point possible,
              bench_clock::time_point now);
    void sent(bench_clock::time_point due, bench_clock::time_point now) { sent(due, due, now); }
    void delivered(bench_clock::time_point now) {
        ++current(now).delivered;
        if (measuring(now)) ++totals_.delivered;
    }
    void took(latency kind, bench_clock::time_point due, bench_clock::time_point now);
    void connected(bench_clock::time_point now) {
        ++current(now).connects;
        if (measuring(now)) ++totals_.connects;
    }
    void receipt(bench_clock::time_point now) {
        ++current(now).receipts;
        if (measuring(now)) ++totals_.receipts;
    }
    void error(std::string_view text, bench_clock::time_point now);
    void session_opened() noexcept {
        second_.sessions = std::max(second_.sessions, sessions_->opened());
    }
    void session_closed() noexcept { sessions_->closed(); }

    // Ends the second that is over, if one is.
    void pass(bench_clock::time_point now) { current(now); }
    // Ends the last one, whole or not, if the load ever began.
    void close(bench_clock::time_point now);

    // How many seconds are over. From any thread, as the next one.
    std::size_t seconds_over() const;
    // Those, from the one numbered `from`.
    std::vector<second> seconds_from(std::size_t from) const;

    bool measuring(bench_clock::time_point due) const noexcept { return times_.measuring(due); }

    struct totals {
        std::uint64_t sent = 0;  // in the measured time, as the next three
        std::uint64_t delivered = 0;
        std::uint64_t receipts = 0;
        std::uint64_t connects = 0;
        std::array<histogram, latency_kinds> latencies;
        histogram lag;
        std::map<std::string, std::uint64_t, std::less<>> errors;
    };
    totals const& all() const noexcept { return totals_; }

private:
    second& current(bench_clock::time_point now) {
        if (now >= second_ends_) [[unlikely]]
            catch_up(now);
        return second_;
    }
    void catch_up(bench_clock::time_point now);
    void begin_second(bench_clock::time_point at);
    void end_second(bench_clock::time_point at);

    load_times times_;
    bench_clock::time_point second_began_ = bench_clock::time_point::max();
    bench_clock::time_point second_ends_ = bench_clock::time_point::max();
    second second_;
    session_count own_sessions_;
    session_count* sessions_;
    totals totals_;

    mutable std::mutex mutex_;
    std::vector<second> whole_;
};

}  // namespace bench
