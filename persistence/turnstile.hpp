#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

// A mutex that is given in the order of asking. SQLite has one writer at a time and lets the others
// poll: without this the busy message writer would starve the store's transactions.

namespace persistence {

class turnstile {
public:
    void lock() {
        std::unique_lock guard(mutex_);
        std::uint64_t const mine = next_++;
        turned_.wait(guard, [&] { return mine == serving_; });
    }

    void unlock() {
        {
            std::lock_guard guard(mutex_);
            ++serving_;
        }
        turned_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable turned_;
    std::uint64_t next_ = 0;
    std::uint64_t serving_ = 0;
};

}  // namespace persistence
