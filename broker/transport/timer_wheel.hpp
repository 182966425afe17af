#pragma once

#include "broker/ports/clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

// Deadlines of many connections in one timer: a hashed wheel of coarse ticks. An idle connection
// pays a few bytes for its next deadline instead of a timer object. Pure: the loop gives it the
// time.

namespace broker::transport {

class timer_wheel;

// Base of what has a deadline. At most one deadline at a time; setting another replaces it. Leaves
// the wheel when destroyed.
class timed {
public:
    timed() = default;
    timed(timed const&) = delete;
    timed& operator=(timed const&) = delete;

    // The deadline has passed. A new one may be set from inside.
    virtual void on_deadline(steady_time now) = 0;

protected:
    virtual ~timed();  // virtual only because the wheel is a friend (-Wnon-virtual-dtor)

private:
    friend class timer_wheel;
    timer_wheel* wheel_ = nullptr;
    timed* previous_ = nullptr;
    timed* next_ = nullptr;
    std::uint32_t due_tick_ = 0;
    std::uint32_t slot_ = 0;
};

class timer_wheel {
public:
    static constexpr std::chrono::milliseconds tick{100};

    explicit timer_wheel(steady_time start);
    ~timer_wheel();
    timer_wheel(timer_wheel const&) = delete;
    timer_wheel& operator=(timer_wheel const&) = delete;

    // `deadline` is rounded up to a tick: called back never before it, at most one tick and the
    // loop's own delay after it.
    void set(timed& who, steady_time deadline);
    void cancel(timed& who) noexcept;

    // Calls back everyone whose deadline is at or before `now`.
    void advance(steady_time now);

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }

private:
    void link(timed& who, std::uint32_t slot) noexcept;
    void unlink(timed& who) noexcept;
    std::uint32_t tick_of(steady_time time) const noexcept;

    steady_time start_;
    std::uint32_t current_tick_ = 0;
    std::size_t size_ = 0;
    std::vector<timed*> slots_;
};

}  // namespace broker::transport
