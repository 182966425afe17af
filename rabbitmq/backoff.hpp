#pragma once

#include <algorithm>
#include <chrono>
#include <random>

// Growing pauses between attempts to connect, with jitter, so that the nodes do not come back all
// at once.

namespace rabbitmq {

class backoff {
public:
    backoff(std::chrono::milliseconds shortest, std::chrono::milliseconds longest)
        : shortest_(std::max(shortest, std::chrono::milliseconds(1))),
          longest_(std::max(longest, shortest_)),
          next_(shortest_) {}

    // Between a half and the whole of a pause that doubles each time.
    std::chrono::milliseconds next() {
        std::uniform_int_distribution<long long> between(next_.count() / 2, next_.count());
        next_ = std::min(2 * next_, longest_);
        return std::chrono::milliseconds(between(random_));
    }

    void reset() { next_ = shortest_; }

private:
    std::chrono::milliseconds const shortest_;
    std::chrono::milliseconds const longest_;
    std::chrono::milliseconds next_;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace rabbitmq
