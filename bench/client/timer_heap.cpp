#include "bench/client/timer_heap.hpp"

#include <algorithm>
#include <utility>

namespace bench {

void timer_heap::place(std::size_t at, entry what) noexcept {
    heap_[at] = what;
    what.who->place_ = static_cast<std::uint32_t>(at);
}

void timer_heap::rise(std::size_t at, entry what) noexcept {
    while (at > 0) {
        std::size_t const parent = (at - 1) / 2;
        if (heap_[parent].when <= what.when) break;
        place(at, heap_[parent]);
        at = parent;
    }
    place(at, what);
}

void timer_heap::sink(std::size_t at, entry what) noexcept {
    for (;;) {
        std::size_t child = 2 * at + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
        if (what.when <= heap_[child].when) break;
        place(at, heap_[child]);
        at = child;
    }
    place(at, what);
}

void timer_heap::forget_due(timer& who) noexcept {
    if (who.place_ != timer::due) return;
    std::ranges::replace(due_, &who, static_cast<timer*>(nullptr));
    who.place_ = timer::nowhere;
}

void timer_heap::arm(timer& who, time_point when) {
    forget_due(who);
    entry const what{when, &who};
    if (!who.armed()) {
        heap_.push_back(what);
        rise(heap_.size() - 1, what);
    } else if (when < heap_[who.place_].when) {
        rise(who.place_, what);
    } else {
        sink(who.place_, what);
    }
}

void timer_heap::disarm(timer& who) noexcept {
    forget_due(who);
    if (!who.armed()) return;
    std::size_t const at = std::exchange(who.place_, timer::nowhere);
    entry const last = heap_.back();
    heap_.pop_back();
    if (at == heap_.size()) return;
    if (at > 0 && last.when < heap_[(at - 1) / 2].when) {
        rise(at, last);
    } else {
        sink(at, last);
    }
}

void timer_heap::run(time_point now) {
    // Taken out first: whoever arms itself anew is not called a second time here.
    while (!heap_.empty() && heap_.front().when <= now) {
        timer& who = *heap_.front().who;
        disarm(who);
        who.place_ = timer::due;
        due_.push_back(&who);
    }
    for (std::size_t i = 0; i < due_.size(); ++i) {
        auto* const who = due_[i];
        if (who == nullptr) continue;
        due_[i] = nullptr;
        who->place_ = timer::nowhere;
        who->on_time(now);
    }
    due_.clear();
}

}  // namespace bench
