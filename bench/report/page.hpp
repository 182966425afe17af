#pragma once

#include "bench/report/run_report.hpp"

#include <string>
#include <string_view>

// The report to look at: one HTML page with everything in it and no address of the network.

namespace bench {

std::string html_of(run_report const& report);

// The page around the JSON of a run or of a comparison.
std::string page_with(std::string_view json);

}  // namespace bench
