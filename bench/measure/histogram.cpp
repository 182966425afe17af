#include "bench/measure/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bench {
namespace {

// Each power of two is split into 2^7 buckets of equal width.
constexpr unsigned split_bits = 7;
constexpr std::size_t split = std::size_t{1} << split_bits;

}  // namespace

std::size_t histogram::bucket_of(std::uint64_t value) noexcept {
    if (value < 2 * split) return static_cast<std::size_t>(value);
    auto const shift = static_cast<unsigned>(std::bit_width(value)) - (split_bits + 1);
    return (std::size_t{shift} << split_bits) + static_cast<std::size_t>(value >> shift);
}

std::int64_t histogram::upper_end(std::size_t bucket) noexcept {
    if (bucket < 2 * split) return static_cast<std::int64_t>(bucket);
    std::size_t const shift = (bucket >> split_bits) - 1;
    std::uint64_t const lead = bucket - (shift << split_bits);
    return static_cast<std::int64_t>(((lead + 1) << shift) - 1);
}

void histogram::add(std::int64_t nanoseconds, std::uint64_t times) {
    if (times == 0) return;
    std::int64_t const value = std::max<std::int64_t>(nanoseconds, 0);
    std::size_t const bucket = bucket_of(static_cast<std::uint64_t>(value));
    if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
    buckets_[bucket] += times;
    min_ = count_ == 0 ? value : std::min(min_, value);
    max_ = std::max(max_, value);
    count_ += times;
    sum_ += static_cast<double>(value) * static_cast<double>(times);
}

void histogram::add(histogram const& other) {
    if (other.count_ == 0) return;
    if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
    for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
    count_ += other.count_;
    sum_ += other.sum_;
}

void histogram::clear() noexcept {
    *this = {};
}

double histogram::mean() const noexcept {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::int64_t histogram::at(double quantile) const noexcept {
    if (count_ == 0) return 0;
    double const share = std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count_);
    auto const wanted =
        std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(share)), 1, count_);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen >= wanted) return std::min(upper_end(i), max_);
    }
    return max_;
}

std::vector<histogram::step> histogram::steps() const {
    std::vector<step> out;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        if (buckets_[i] != 0) out.push_back({std::min(upper_end(i), max_), buckets_[i]});
    }
    return out;
}

}  // namespace bench
