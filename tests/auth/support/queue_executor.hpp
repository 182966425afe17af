#pragma once

#include "broker/ports/executor.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

// An executor whose work the test runs itself, waiting for it where needed.

class queue_executor final : public broker::executor {
public:
    void post(broker::unique_function<void()> work) override {
        // Under the lock: the test may destroy this as soon as it has the work.
        std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
        arrived_.notify_one();
    }

    // Waits for one piece of work and runs it.
    void run_one() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return !work_.empty(); });
        auto work = std::move(work_.front());
        work_.pop_front();
        lock.unlock();
        work();
    }

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<broker::unique_function<void()>> work_;
};
