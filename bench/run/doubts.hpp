#pragma once

#include "bench/measure/histogram.hpp"
#include "bench/measure/thread_meter.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the bench itself may have added to a run's figures, in words; nothing when it did not.

namespace bench {

// A thread that wanted more than 90 % of its core for `lasted` seconds.
std::optional<std::string> doubt_of_thread(std::string_view name, thread_cost const& cost,
                                           double lasted);

// The same of all threads between two moments: of each worker its thread and its reader of history,
// in turn.
std::vector<std::string> doubts_of_threads(std::vector<thread_cost> const& before,
                                           std::vector<thread_cost> const& after, double lasted);

// Of `cores` that the machine's host took from its `processors` (steal): more than 1 %.
std::optional<std::string> doubt_of_steal(double cores, std::size_t processors);

// Of `lag`, how late the bench sent what was due: 1 % more than a millisecond late.
std::optional<std::string> doubt_of_lag(histogram const& lag);

}  // namespace bench
