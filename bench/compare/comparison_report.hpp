#pragma once

#include "bench/compare/comparison.hpp"
#include "bench/report/run_report.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

// A comparison as text, Markdown, JSON and a page.

namespace bench {

struct comparison_report {
    std::vector<std::vector<run_result>> const& rounds;  // each result with its figures
    comparison table;                                    // compare(rounds)
    std::string command;                                 // that made it, as one would type it
    // For each round, what was expected of its first target, by judge(); empty: nothing.
    std::vector<std::vector<verdict>> verdicts = {};
    std::size_t rounds_wanted = 0;  // 0: as many as there are
    std::string cut_short = {};     // why they are fewer; empty: they are not
};

// For a terminal: a line per figure, a column per target, ratios with their spread.
std::string comparison_text(comparison_report const& report, text_style style);

// The same as a Markdown table; only the figures in `names` when it is not empty, in their order.
std::string comparison_markdown(comparison const& table, std::span<std::string_view const> names);

// {"format": 1, "kind": "comparison", ...}: docs/bench.md.
std::string comparison_json(comparison_report const& report);

// The seconds, or the figures, of all runs: the columns of one run behind `round` and `target`.
std::string comparison_csv_of_seconds(comparison_report const& report);
std::string comparison_csv_of_figures(comparison_report const& report);

// One page: the table, and the plots of all targets over each other.
std::string comparison_html(comparison_report const& report);

// "2.05x (1.98x to 2.31x)"; without the spread when there was one round.
std::string ratio_text(ratio_of_rounds const& ratio);

}  // namespace bench
