#include "broker/transport/timer_wheel.hpp"

#include <algorithm>
#include <limits>

namespace broker::transport {
namespace {

// One turn of the wheel is 102 s, longer than the usual deadlines (pings, time-outs), so most
// entries are looked at once.
constexpr std::uint32_t wheel_slots = 1024;
// Holds those whose time has come while they are called back.
constexpr std::uint32_t expired_slot = wheel_slots;

constexpr std::uint32_t slot_of(std::uint32_t tick) {
    return tick % wheel_slots;
}

}  // namespace

timed::~timed() {
    if (wheel_ != nullptr) wheel_->cancel(*this);
}

timer_wheel::timer_wheel(steady_time start) : start_(start), slots_(wheel_slots + 1, nullptr) {}

timer_wheel::~timer_wheel() {
    for (timed* first : slots_) {
        while (first != nullptr) {
            timed* const next = first->next_;
            first->wheel_ = nullptr;
            first = next;
        }
    }
}

void timer_wheel::set(timed& who, steady_time deadline) {
    if (who.wheel_ != nullptr) unlink(who);
    auto due = tick_of(deadline);
    if (start_ + due * steady_time::duration(tick) < deadline) ++due;
    // Never in the tick that is being called back, which would not end.
    who.due_tick_ = std::max(due, current_tick_ + 1);
    link(who, slot_of(who.due_tick_));
}

void timer_wheel::cancel(timed& who) noexcept {
    if (who.wheel_ != nullptr) unlink(who);
}

void timer_wheel::advance(steady_time now) {
    auto const target = tick_of(now);
    if (target <= current_tick_) return;
    // After a long pause every slot is due once; a second round would find nothing new.
    auto const steps = std::min(target - current_tick_, wheel_slots);
    auto const first = target - steps + 1;
    current_tick_ = target;

    for (std::uint32_t step = 0; step < steps; ++step) {
        timed* entry = slots_[slot_of(first + step)];
        while (entry != nullptr) {
            timed* const next = entry->next_;
            if (entry->due_tick_ <= target) {
                unlink(*entry);
                link(*entry, expired_slot);
            }
            entry = next;
        }
    }
    // A callback may cancel, set or destroy any of the others: always take the first that is left.
    while (timed* const due = slots_[expired_slot]) {
        unlink(*due);
        due->on_deadline(now);
    }
}

void timer_wheel::link(timed& who, std::uint32_t slot) noexcept {
    who.wheel_ = this;
    who.slot_ = slot;
    who.previous_ = nullptr;
    who.next_ = slots_[slot];
    if (who.next_ != nullptr) who.next_->previous_ = &who;
    slots_[slot] = &who;
    ++size_;
}

void timer_wheel::unlink(timed& who) noexcept {
    if (who.previous_ != nullptr) {
        who.previous_->next_ = who.next_;
    } else {
        slots_[who.slot_] = who.next_;
    }
    if (who.next_ != nullptr) who.next_->previous_ = who.previous_;
    who.wheel_ = nullptr;
    who.previous_ = nullptr;
    who.next_ = nullptr;
    --size_;
}

std::uint32_t timer_wheel::tick_of(steady_time time) const noexcept {
    if (time <= start_) return 0;
    // 13 years ahead; a deadline further away ("never") becomes that.
    constexpr auto last = std::numeric_limits<std::uint32_t>::max() - 1;
    return static_cast<std::uint32_t>(
        std::min<std::chrono::steady_clock::rep>((time - start_) / tick, last));
}

}  // namespace broker::transport
