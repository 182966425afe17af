#pragma once

#include <optional>
#include <string_view>

// What the host of a virtual machine took from its processors while something here wanted to run
// (steal, proc_stat(5)). While it takes, nothing here goes on, and every latency has it.

namespace bench {

// Seconds, of all processors, since the machine was started. Nothing where the kernel does not
// tell. Counted in ticks, 10 ms mostly.
std::optional<double> stolen_seconds();

// Of the first line of /proc/stat; of that one only.
std::optional<double> stolen_in(std::string_view line, double ticks_per_second);

}  // namespace bench
