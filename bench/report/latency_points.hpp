#pragma once

#include "bench/measure/histogram.hpp"
#include "bench/result.hpp"

#include <array>
#include <cstdint>
#include <string_view>

// The points of a latency's distribution that are told as single figures, and their unit.

namespace bench {

struct latency_point {
    std::string_view name;   // of the figure, behind its kind: "delivery_p99"
    std::string_view title;  // for people
    double quantile;
};

inline constexpr std::array<latency_point, 5> latency_points = {{
    {"p50", "p50", 0.5},
    {"p90", "p90", 0.9},
    {"p99", "p99", 0.99},
    {"p999", "p99.9", 0.999},
    {"max", "max", 1.0},
}};

// The kinds of latency, in the order to show them.
inline constexpr std::array latency_order = {
    latency::delivery,  latency::same_url,   latency::other_url,
    latency::receipt,   latency::round_trip, latency::connect,
    latency::subscribe, latency::history,    latency::resume};
static_assert(latency_order.size() == latency_kinds);

constexpr double to_milliseconds(std::int64_t nanoseconds) noexcept {
    return static_cast<double>(nanoseconds) / 1e6;
}

inline double milliseconds_at(histogram const& values, latency_point const& point) noexcept {
    return to_milliseconds(values.at(point.quantile));
}

}  // namespace bench
