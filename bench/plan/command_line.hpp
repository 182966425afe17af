#pragma once

#include "bench/plan/output_files.hpp"
#include "bench/plan/plan.hpp"
#include "bench/report/expectation.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// The command line, and the file that it may name: every flag is a key of the file, and a flag goes
// before the file.

namespace bench {

struct command {
    plan what;
    std::vector<target> targets;  // at least one
    bool comparing = false;       // "compare": the targets in turn
    std::size_t rounds = 3;
    std::vector<expectation> expectations;
    std::string json;
    std::string csv;  // seconds
    std::string figures_csv;
    std::string html;
    std::string markdown;  // of a comparison
    bool quiet = false;
    std::string text;  // as one would type it, without secrets

    // What it writes, each with its flag.
    std::vector<output_file> outputs() const;
};

// Nothing when there is nothing to run (--help): `status` is the exit status then. Problems are
// told on standard error.
std::optional<command> read_command_line(int argc, char const* const* argv, int& status);

// Every option with its help, for who checks the table.
struct option_text {
    std::string name;
    std::string help;
};
std::vector<option_text> option_texts();

}  // namespace bench
