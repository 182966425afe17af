#include "bench/measure/arrivals.hpp"

#include <algorithm>

namespace bench {

arrival arrivals::on(std::uint64_t number) {
    if (number == highest_ + 1) {
        highest_ = number;
        return arrival::in_order;
    }
    if (number > highest_) {
        missing_.push_back({highest_ + 1, number - 1});
        highest_ = number;
        return arrival::ahead;
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
        missing_.insert(found + 1, {number + 1, whole.to});
    }
    return arrival::late;
}

std::uint64_t arrivals::lost(std::uint64_t last) const noexcept {
    std::uint64_t out = last > highest_ ? last - highest_ : 0;
    for (auto const& gap : missing_) out += gap.to - gap.from + 1;
    return out;
}

}  // namespace bench
