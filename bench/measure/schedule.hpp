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
    // `all` senders take turns, so that the steps' rates are those of all together; this is the
    // schedule of `count` of them, from the one numbered `first`, from 0, on.
    explicit schedule(std::vector<load_step> steps, std::size_t first = 0, std::size_t count = 1,
                      std::size_t all = 1);

    // When the next message is due; nothing after the last step.
    std::optional<double> next() const noexcept { return next_; }
    void advance();

private:
    void find_next();

    std::vector<load_step> steps_;
    std::size_t step_ = 0;
    double step_began_ = 0;    // seconds
    double count_before_ = 0;  // messages of all senders that were due before this step
    double wanted_;            // the number of the next message, over all senders
    std::size_t count_;
    std::size_t turn_ = 0;  // of our senders: whose message is the next
    double others_;         // the messages between our last sender's and our first one's
    std::optional<double> next_;
};

// How many messages the steps ask for from a time to another, in parts of one; none after the last
// step.
double messages_between(std::vector<load_step> const& steps, double from, double to) noexcept;

}  // namespace bench
