#include "broker/send_brake.hpp"

#include <utility>

namespace broker {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

send_brake::send_brake(std::chrono::milliseconds pace, std::function<void(change const&)> tell)
    : pace_(pace), tell_(std::move(tell)) {}

void send_brake::set(reason why, bool holds) {
    if (pace_.count() == 0) return;
    auto const bit = static_cast<std::uint8_t>(why);
    auto const now = std::chrono::steady_clock::now();
    std::lock_guard const guard(mutex_);
    bool const was_on = reasons_ != 0;
    reasons_ = static_cast<std::uint8_t>(holds ? reasons_ | bit : reasons_ & ~bit);
    bool const goes_on = reasons_ != 0;
    if (was_on == goes_on) return;
    if (goes_on) {
        began_ = now;
        began_with_ = why;
        slowed_.store(0, relaxed);
    }
    round_.fetch_add(1, relaxed);
    if (!tell_) return;
    if (goes_on) return tell_({.on = true, .why = why});
    tell_({.on = false,
           .why = began_with_,
           .slowed = slowed_.load(relaxed),
           .time = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_)});
}

std::uint32_t send_brake::count_slowed(std::uint32_t seen) noexcept {
    auto const present = round();
    if (present != seen) slowed_.fetch_add(1, relaxed);
    return present;
}

}  // namespace broker
