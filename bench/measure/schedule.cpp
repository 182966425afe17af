#include "bench/measure/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bench {
namespace {

double messages_in(load_step const& step) noexcept {
    return (step.from + step.to) / 2 * step.lasts.count();
}

// After how many seconds of the step its message number `count`, which may be a fraction, is due.
double when(load_step const& step, double count) noexcept {
    double const growth = (step.to - step.from) / step.lasts.count();
    if (growth == 0) return count / step.from;
    // from * t + growth / 2 * t^2 = count; this form of the root is good for small growth, too.
    double const root = std::sqrt(std::max(0.0, step.from * step.from + 2 * growth * count));
    return 2 * count / (step.from + root);
}

}  // namespace

schedule::schedule(std::vector<load_step> steps, std::size_t first, std::size_t count,
                   std::size_t all)
    : steps_(std::move(steps)),
      wanted_(static_cast<double>(first)),
      count_(count),
      others_(static_cast<double>(all - count)) {
    find_next();
}

void schedule::advance() {
    wanted_ += 1;
    if (++turn_ == count_) {
        wanted_ += others_;
        turn_ = 0;
    }
    find_next();
}

void schedule::find_next() {
    next_.reset();
    while (step_ < steps_.size()) {
        auto const& step = steps_[step_];
        double const in_step = messages_in(step);
        if (wanted_ < count_before_ + in_step) {
            double const inside = wanted_ - count_before_;
            next_ = step_began_ + (inside <= 0 ? 0 : when(step, inside));
            return;
        }
        count_before_ += in_step;
        step_began_ += step.lasts.count();
        ++step_;
    }
}

double messages_between(std::vector<load_step> const& steps, double from, double to) noexcept {
    double out = 0;
    for (auto const& step : steps) {
        double const lasts = step.lasts.count();
        double const begin = std::max(from, 0.0);
        double const end = std::min(to, lasts);
        if (begin < end) {
            double const growth = (step.to - step.from) / lasts;
            out += (step.from + growth * (begin + end) / 2) * (end - begin);
        }
        from -= lasts;
        to -= lasts;
    }
    return out;
}

}  // namespace bench
