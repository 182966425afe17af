#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

// Durations in nanoseconds, counted with a fixed relative error: a value is told apart from its
// neighbours to 1/128 of itself (0.8 %), from 1 ns to 2^63 ns. Values up to 256 ns are exact.
// Histograms of equal shape are added, so each thread keeps its own. Nothing is ever dropped; the
// least and the greatest value are kept exactly. Memory follows the range that was seen.

namespace bench {

class histogram {
public:
    // Negative durations count as 0.
    void add(std::int64_t nanoseconds, std::uint64_t times = 1);
    void add(histogram const& other);
    void clear() noexcept;

    std::uint64_t count() const noexcept { return count_; }
    std::int64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
    std::int64_t max() const noexcept { return max_; }
    double mean() const noexcept;

    // The value that `quantile` (0 to 1) of all are at most: the upper end of its bucket, and never
    // more than max(). 0 when there is none.
    std::int64_t at(double quantile) const noexcept;

    struct step {
        std::int64_t up_to;    // nanoseconds, inclusive
        std::uint64_t values;  // in this bucket alone
    };
    // The buckets with values, in ascending order.
    std::vector<step> steps() const;

private:
    static std::size_t bucket_of(std::uint64_t value) noexcept;
    static std::int64_t upper_end(std::size_t bucket) noexcept;

    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    double sum_ = 0;
    std::int64_t min_ = 0;
    std::int64_t max_ = 0;
};

}  // namespace bench
