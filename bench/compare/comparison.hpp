#pragma once

#include "bench/report/figures.hpp"
#include "bench/report/run_report.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// The same scenario on several targets in turn, A B A B: what each reached, and how they compare.
//
// A machine is not the same from minute to minute, so ratios are taken within a round, where the
// targets ran one after the other, and only then put together.

namespace bench {

// How much of the first target's value a target has: 2 is twice as much.
struct ratio_of_rounds {
    double median = 1;
    double least = 1;
    double most = 1;
    std::size_t rounds = 0;  // in which both targets have the figure, and the first not 0
};

struct compared_figure {
    std::string name;
    std::string unit;
    better which = better::neither;
    std::vector<std::optional<double>> medians;          // of each target
    std::vector<std::optional<ratio_of_rounds>> ratios;  // of each target to the first
};

struct comparison {
    std::vector<std::string> targets;
    std::vector<compared_figure> figures;  // those that any target has, in the order to show them
};

// rounds[round][target]; each round has the same targets in the same order. At least one of each.
// Throws std::invalid_argument otherwise.
comparison compare(std::vector<std::vector<run_result>> const& rounds);

// Of an even number the mean of the middle two; `values` is not empty.
double median(std::vector<double> values);

}  // namespace bench
