#pragma once

#include <algorithm>
#include <chrono>
#include <random>

// Growing pauses between attempts, with jitter, so that the nodes do not come back all at once.

namespace persistence {

// How often a transaction is tried that loses against others each time.
constexpr int conflict_attempts = 8;

class backoff {
public:
    std::chrono::milliseconds next() {
        static thread_local std::minstd_rand random{std::random_device{}()};
        std::uniform_int_distribution<long long> between(next_.count() / 2, next_.count());
        next_ = std::min(2 * next_, longest);
        return std::chrono::milliseconds(between(random));
    }

    void reset() { next_ = shortest; }

private:
    static constexpr std::chrono::milliseconds shortest{4};
    static constexpr std::chrono::milliseconds longest{1'000};

    std::chrono::milliseconds next_ = shortest;
};

}  // namespace persistence
