#pragma once

#include "broker/transport/loop.hpp"
#include "broker/unique_function.hpp"

#include <chrono>
#include <memory>

// One deadline with a precision of milliseconds, for the few that the timer wheel is too coarse
// for. On the loop's thread only.

namespace broker::transport {

class fine_timer {
public:
    fine_timer(loop& where, unique_function<void()> ring);
    ~fine_timer();  // does not ring any more
    fine_timer(fine_timer const&) = delete;
    fine_timer& operator=(fine_timer const&) = delete;

    // Rings once after `delay`. Nothing changes while it is set already.
    void set(std::chrono::milliseconds delay);

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace broker::transport
