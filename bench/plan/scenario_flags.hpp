#pragma once

#include "bench/plan/plan.hpp"

#include <string>
#include <vector>

// Which scenarios take a flag: a table. What is not in it is for all of them.

namespace bench {

// Throws std::invalid_argument with the flag and its scenarios when one of `given`, "--pairs", is
// not for `kind`, where it would change nothing.
void check_flags(scenario_kind kind, std::vector<std::string> const& given);

}  // namespace bench
