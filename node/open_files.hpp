#pragma once

#include <cstddef>

// How many connections the system allows this process.

namespace node {

// Raises the soft limit of open files to the hard one: shells and service managers give 1,024 by
// habit, and a node needs one for each client. Answers the limit that holds then.
std::size_t allow_all_open_files();

}  // namespace node
