#pragma once

#include <string>
#include <vector>

// How a run's command is shown in its reports.

namespace bench {

// The words as one would type them in a POSIX shell. What is a secret is "***": passcodes of flags
// and of targets, the values of headers that log in, and tokens in the query of a URL.
std::string shell_line(std::vector<std::string> const& words);

}  // namespace bench
