#pragma once

#include "bench/report/expectation.hpp"
#include "bench/result.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

// A run as it is reported: the result, with its figures, and how it did against what was expected.

namespace bench {

class json_writer;

struct run_report {
    run_result const& result;
    std::vector<verdict> verdicts;  // by judge()

    bool passed() const noexcept {
        return !result.failed && std::all_of(verdicts.begin(), verdicts.end(),
                                             [](verdict const& one) { return one.passed; });
    }
};

// The file for scripts; docs/bench.md tells its members. It keeps them in all later versions with
// the same "format".
std::string json_of(run_report const& report);
void write_json(json_writer& to, run_report const& report);  // as a part of something larger

// One line per second, the warm-up included; columns as in the JSON's "seconds".
std::string csv_of_seconds(run_result const& result);
// One line per figure: name,value,unit.
std::string csv_of_figures(run_result const& result);

struct text_style {
    std::size_t width = 80;
    bool colour = false;
};

// The tables at the end of a run, for a terminal.
std::string summary_of(run_report const& report, text_style style);

}  // namespace bench
