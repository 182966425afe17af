#include "broker/session/heart_beat_monitor.hpp"

#include <algorithm>

namespace broker {
namespace {

std::uint32_t as_ms(std::chrono::milliseconds time) {
    constexpr std::chrono::milliseconds most{UINT32_MAX};
    return static_cast<std::uint32_t>(std::clamp(time, std::chrono::milliseconds(0), most).count());
}

}  // namespace

heart_beat_monitor::heart_beat_monitor(stomp::heart_beat_plan plan, session_limits const& limits,
                                       link_traits link, steady_time now) noexcept
    : last_received_(now),
      last_sent_(now),
      incoming_ms_(as_ms(plan.incoming_every)),
      outgoing_ms_(as_ms(plan.outgoing_every)) {
    // A little early: what was agreed is the longest silence, and timers and networks are late.
    send_after_ms_ = as_ms(plan.outgoing_every - plan.outgoing_every / 10);
    if (plan.incoming_every.count() == 0) return;
    auto patience = 2 * plan.incoming_every + limits.heart_beat_grace;
    if (link.pings) patience = std::max(patience, limits.heart_beat_patience_with_pings);
    patience_ms_ = as_ms(patience);
}

steady_time heart_beat_monitor::next_deadline() const noexcept {
    return std::min(send_deadline(), receive_deadline());
}

steady_time heart_beat_monitor::send_deadline() const noexcept {
    if (send_after_ms_ == 0) return steady_time::max();
    return last_sent_ + std::chrono::milliseconds(send_after_ms_);
}

steady_time heart_beat_monitor::receive_deadline() const noexcept {
    if (patience_ms_ == 0) return steady_time::max();
    return last_received_ + patience();
}

}  // namespace broker
