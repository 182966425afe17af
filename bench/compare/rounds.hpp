#pragma once

#include "bench/plan/plan.hpp"
#include "bench/report/expectation.hpp"
#include "bench/result.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

// The rounds of a comparison: each target in turn, as often as was asked for. When one fails, or
// somebody stops it, what was finished before is kept.

namespace bench {

struct rounds_made {
    std::vector<std::vector<run_result>> whole;  // [round][target]
    std::vector<std::vector<verdict>> verdicts;  // of each whole round's first target
    std::string cut_short;                       // why they are fewer than wanted; empty: all there
    bool as_expected() const noexcept;
};

// Runs a target; what it throws, and a result that failed, end the rounds.
using run_of_target = std::function<run_result(std::size_t round, target const& server)>;

rounds_made make_rounds(std::vector<target> const& targets, std::size_t wanted,
                        std::vector<expectation> const& expectations, run_of_target const& run,
                        std::atomic<bool> const& stop);

}  // namespace bench
