#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

// What a part of the node counts of itself, for whoever asks.
//
// Each of these is written by one thread (or by several under one lock) and read by any: a write is
// a plain addition, without a lock and without an atomic read-modify-write, and a reader sees each
// number as it was a moment ago. What several threads write at once is a shared_counter, which is
// for what is rare.

namespace broker::metrics {

class counter {
public:
    void add(std::uint64_t more = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

class gauge {
public:
    void add(std::int64_t more = 1) noexcept { set(value() + more); }
    void sub(std::int64_t less = 1) noexcept { set(value() - less); }
    void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
    std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

class shared_counter {
public:
    void add(std::uint64_t more = 1) noexcept { value_.fetch_add(more, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

inline constexpr std::size_t most_buckets = 16;

// What a histogram held when it was read, or several that have the same bounds together.
struct histogram_figures {
    std::span<double const> bounds{};                      // upper ones, rising; without the last
    std::array<std::uint64_t, most_buckets + 1> counts{};  // by bucket; the last has no bound
    double sum = 0;

    std::uint64_t count() const noexcept {
        std::uint64_t all = 0;
        for (auto const each : counts) all += each;
        return all;
    }
    // `other` has the same bounds, or nothing.
    void add(histogram_figures const& other) noexcept {
        if (bounds.empty()) bounds = other.bounds;
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
        sum += other.sum;
    }
};

class histogram {
public:
    // `bounds` outlive us: a constant table of at most most_buckets, rising.
    explicit constexpr histogram(std::span<double const> bounds) noexcept : bounds_(bounds) {}

    void observe(double value) noexcept {
        auto const at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
        counts_[static_cast<std::size_t>(at)].add();
        sum_.store(sum_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
    }

    histogram_figures figures() const noexcept {
        histogram_figures read;
        read.bounds = bounds_;
        for (std::size_t i = 0; i < counts_.size(); ++i) read.counts[i] = counts_[i].value();
        read.sum = sum_.load(std::memory_order_relaxed);
        return read;
    }

private:
    std::span<double const> bounds_;
    std::array<counter, most_buckets + 1> counts_{};
    std::atomic<double> sum_{0};
};

// Upper bounds of what is measured in seconds.
inline constexpr std::array<double, 15> latency_bounds{0.000'1, 0.000'25, 0.000'5, 0.001, 0.002'5,
                                                       0.005,   0.01,     0.025,   0.05,  0.1,
                                                       0.25,    0.5,      1,       2.5,   10};
inline constexpr std::array<double, 13> lifetime_bounds{1,   5,    15,   30,   60,    120,  300,
                                                        600, 1800, 3600, 7200, 21600, 86400};
// Of how many go together.
inline constexpr std::array<double, 11> batch_bounds{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

}  // namespace broker::metrics
