#include "bench/measure/arrivals.hpp"

#include <algorithm>

namespace bench {

arrival arrivals::on(std::uint64_t number) {
    if (number > highest_) {
        bool const next = number == highest_ + 1;
        if (back_at_next_) {
            back_at_next_ = false;
            excused_to_ = number;
        }
        if (!next) add_gap(highest_ + 1, number - 1);
        highest_ = number;
        return next ? arrival::in_order : arrival::ahead;
    }
    auto const found = std::ranges::lower_bound(missing_, number, {}, &range::to);
    if (found == missing_.end() || number < found->from) return arrival::duplicate;
    range const whole = *found;
    if (whole.from == whole.to) {
        missing_.erase(found);
    } else if (number == whole.from) {
        ++found->from;
    } else if (number == whole.to) {
        --found->to;
    } else {
        found->to = number - 1;
        missing_.insert(found + 1, {number + 1, whole.to, whole.owed});
    }
    return arrival::late;
}

void arrivals::add_gap(std::uint64_t from, std::uint64_t to) {
    auto const excused = std::min(to, excused_to_);
    if (excused >= from) missing_.push_back({from, excused, false});
    if (to > excused_to_) missing_.push_back({std::max(from, excused_to_ + 1), to, true});
}

std::uint64_t arrivals::missing(std::uint64_t last, bool owed) const noexcept {
    std::uint64_t out = 0;
    if (last > highest_) {
        auto const excused = std::clamp(excused_to_, highest_, last);
        out = owed ? last - excused : excused - highest_;
    }
    for (auto const& gap : missing_) {
        if (gap.owed == owed) out += gap.to - gap.from + 1;
    }
    return out;
}

}  // namespace bench
