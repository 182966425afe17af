#pragma once

#include "bench/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a run must reach: "delivery_p99 < 5 ms", "lost == 0", "delivered_rate >= 20000 /s".
//
//   FIGURE  <|<=|>|>=|==|!=  NUMBER [UNIT]
//
// Units are converted: ns us µs ms s min, B KiB MiB GiB kB MB GB, /s /min, cores. Durations and
// sizes need theirs; rates, cores and counts go without.

namespace bench {

enum class comparison_sign : std::uint8_t {
    less,
    at_most,
    more,
    at_least,
    equal,
    unequal,
};

struct expectation {
    std::string text;    // as it was given
    std::string figure;  // a name of figure_kinds()
    comparison_sign sign = comparison_sign::less;
    double limit = 0;  // in the figure's unit
    std::string unit;  // the figure's
};

// Throws std::invalid_argument with the text, what is wrong with it and what would be right.
expectation parse_expectation(std::string_view text);

struct verdict {
    expectation wanted;
    std::optional<double> value;  // nothing: the run did not measure it, which fails
    bool passed = false;
};

// One for each, in their order. `result` has its figures.
std::vector<verdict> judge(std::vector<expectation> const& wanted, run_result const& result);

// "delivery_p99 < 5 ms: 3.05 ms", "lost == 0: not measured".
std::string to_text(verdict const& one);

}  // namespace bench
