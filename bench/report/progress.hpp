#pragma once

#include "bench/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// How far a run is, and how that is shown in a terminal. Pure: the same progress gives the same
// text.

namespace bench {

struct progress {
    std::string_view target;
    std::string_view scenario;
    std::string_view phase;  // "connecting", "warming up", "measuring", "waiting for the last ones"
    double elapsed = 0;      // seconds of this phase
    double lasts = 0;        // seconds that it takes in all; 0: it ends when all are there
    std::uint64_t sessions = 0;         // connected
    std::uint64_t sessions_wanted = 0;  // 0: not said
    std::span<second const> seconds;    // those that are over, oldest first; of all threads
    std::map<std::string, std::uint64_t> const* errors = nullptr;  // by text; without them the
                                                                   // seconds' count is shown
    std::uint64_t pending = 0;  // messages that are on their way; shown when there are any
};

struct screen {
    std::size_t width = 80;
    bool colour = false;
    bool unicode = true;  // bars and sparklines; else ASCII
};

// A few lines, none wider than the screen and none with a line end.
std::vector<std::string> render(progress const& now, screen const& on);

// The same in one line, for a log.
std::string render_line(progress const& now);

// The values' course in `columns` characters, the newest last; scaled from 0 to the largest.
std::string sparkline(std::span<double const> values, std::size_t columns, bool unicode);

// `part` (0 to 1) of `columns`.
std::string bar(double part, std::size_t columns, bool unicode);

}  // namespace bench
