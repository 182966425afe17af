#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

// Deadlines of many clients: a binary heap whose members know their place, so that one is moved or
// taken out in logarithmic time and nothing is left behind by a client that is gone.

namespace bench {

// Something with one deadline at a time. It must not be destroyed while it is armed.
class timer {
public:
    virtual void on_time(std::chrono::steady_clock::time_point now) = 0;
    bool armed() const noexcept { return place_ != nowhere; }

protected:
    ~timer() = default;

private:
    friend class timer_heap;
    static constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::uint32_t due = nowhere - 1;  // in timer_heap::due_
    std::uint32_t place_ = nowhere;
};

class timer_heap {
public:
    using time_point = std::chrono::steady_clock::time_point;

    void arm(timer& who, time_point when);  // moves it when it is armed
    void disarm(timer& who) noexcept;

    bool empty() const noexcept { return heap_.empty(); }
    time_point next() const noexcept { return heap_.front().when; }

    // Calls those that are due, earliest first. They may arm and disarm any; one that arms itself
    // for a time that is past is called again by the next run.
    void run(time_point now);

private:
    struct entry {
        time_point when;
        timer* who;
    };
    void forget_due(timer& who) noexcept;
    void place(std::size_t at, entry what) noexcept;
    void rise(std::size_t at, entry what) noexcept;
    void sink(std::size_t at, entry what) noexcept;

    std::vector<entry> heap_;
    std::vector<timer*> due_;  // while run() calls them
};

}  // namespace bench
