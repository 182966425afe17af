#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <atomic>

// What a thread has used of its core, and how long it waited for one, told to other threads.

namespace bench {

struct thread_cost {
    double used = 0;    // CPU seconds
    double waited = 0;  // seconds in which it could have run and had no core

    // What it wanted of a core in that time, in seconds: 1 is all the time. A thread that shares
    // its core with others cannot use more than its part of it, and is as busy.
    double busy(double lasted) const noexcept {
        return lasted > waited ? used / (lasted - waited) : 0;
    }
    thread_cost operator-(thread_cost const& before) const noexcept {
        return {used - before.used, waited - before.waited};
    }
};

class thread_meter {
public:
    // On the thread itself, as it begins and as it ends.
    void begin();
    void end();

    // From any thread: so far; once it has ended, all of it; before it began, nothing. Where the
    // kernel does not tell how long threads wait, they never do.
    thread_cost so_far() const;

private:
    std::atomic<pid_t> thread_ = 0;  // set after the clock; 0 when it does not run
    clockid_t clock_ = {};
    std::atomic<double> used_ = 0;  // as it ended
    std::atomic<double> waited_ = 0;
};

}  // namespace bench
