#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

// How fast the sessions of one shard are told to leave.

namespace broker {

// The part of a drain in which everybody is told; the rest is for them to leave.
constexpr double told_within = 0.6;

// A second, on a shard: its share of the node's rate, but whoever is not told in time is cut, so
// rather faster than planned.
constexpr double told_each_second(double of_the_node, std::size_t shards, std::size_t sessions,
                                  std::chrono::milliseconds patience) {
    double const share = of_the_node / static_cast<double>(shards);
    double const seconds = std::chrono::duration<double>(patience).count() * told_within;
    return std::max(share, static_cast<double>(sessions) / std::max(seconds, 0.001));
}

}  // namespace broker
