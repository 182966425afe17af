#pragma once

#include "bench/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

// The figures of a run: fixed names, each with its unit, that thresholds, scripts and comparisons
// rely on. What was not measured has no figure, so that 0 always means zero.

namespace bench {

enum class better : std::uint8_t { lower, higher, neither };

struct figure_kind {
    std::string_view name;   // "delivery_p99"
    std::string_view unit;   // "ms"; "" for counts
    std::string_view title;  // "p99", below its group's
    std::string_view group;  // "delivery latency": figures of a group are shown together
    better which = better::neither;
};

// All that a run can have, in the order to show them.
std::span<figure_kind const> figure_kinds();
// nullptr when there is none of this name.
figure_kind const* find_figure_kind(std::string_view name) noexcept;

// Completes `result.figures` from the parts of `result`. Figures that are there already stay, in
// the place of those of the same name.
void add_figures(run_result& result);

}  // namespace bench
