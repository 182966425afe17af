#pragma once

#include "bench/plan/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

// When the messages of an open-loop run are due: evenly spaced at the rate of the moment, whatever
// the server does. Pure; times are seconds since the load began.

namespace bench {

class schedule {
public:
    // One of `parts` schedules that together make up the steps' rates; `part` counts from 0.
    explicit schedule(std::vector<load_step> steps, std::size_t part = 0, std::size_t parts = 1);

    // When the next message is due; nothing after the last step.
    std::optional<double> next() const noexcept { return next_; }
    void advance();

private:
    void find_next();

    std::vector<load_step> steps_;
    std::size_t step_ = 0;
    double step_began_ = 0;    // seconds
    double count_before_ = 0;  // messages of all parts that were due before this step
    double wanted_;            // the number of the next message, over all parts
    double stride_;
    std::optional<double> next_;
};

// The rate that the steps ask for at a time; 0 after the last.
double rate_at(std::vector<load_step> const& steps, double time) noexcept;

}  // namespace bench
