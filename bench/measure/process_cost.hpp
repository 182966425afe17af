#pragma once

#include <sys/types.h>

#include <cstdint>

// What a process of this machine has used, read from /proc.

namespace bench {

struct process_cost {
    double cpu_seconds = 0;       // user and system, all threads
    std::uint64_t pss_bytes = 0;  // proportional set size
};

// Throws std::system_error when there is no such process. The PSS is read only when asked for: it
// is slow.
process_cost cost_of(pid_t pid, bool with_memory = false);

}  // namespace bench
