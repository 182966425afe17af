#pragma once

#include "broker/ports/clock.hpp"
#include "broker/send_brake.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

// How long a session that sends is not read: while the brake is on, and when it does more than its
// limits allow. Owned by one peer, used on its
// shard thread only.

namespace broker {

class sender_pace {
public:
    // A COMMIT, which may carry out many SENDs at once, is paid for with this at most.
    static constexpr std::chrono::seconds longest{5};

    // A SEND went to the bus while the brake was on. Several add up.
    void on_send(send_brake& brake, steady_time now) noexcept {
        round_ = brake.count_slowed(round_);
        until_ = std::max(until_, std::min(std::max(until_, now) + brake.pace(), now + longest));
    }

    // It may go on at that time, not before.
    void hold_until(steady_time time) noexcept { until_ = std::max(until_, time); }

    bool waiting() const noexcept { return until_ != steady_time{}; }
    // steady_time::max() if the session does not wait.
    steady_time deadline() const noexcept { return waiting() ? until_ : steady_time::max(); }

    // Ends the wait if its time has come. True if it ended.
    bool end_at(steady_time now) noexcept {
        if (!waiting() || now < until_) return false;
        until_ = {};
        return true;
    }

private:
    steady_time until_{};
    std::uint32_t round_ = 0;  // even: never slowed
};

}  // namespace broker
