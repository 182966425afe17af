#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

// What a process of this machine has used, read from /proc.

namespace bench {

struct process_cost {
    double cpu_seconds = 0;  // user and system, all threads
    // Proportional set size; nothing when it was not asked for, or may not be read: that of a
    // process of another user.
    std::optional<std::uint64_t> pss_bytes = std::nullopt;
};

// Throws std::system_error when there is no such process. The PSS is read only when asked for: it
// is slow.
process_cost cost_of(pid_t pid, bool with_memory = false);

// CPU seconds that this process has used, all its threads.
double own_cpu_seconds() noexcept;

}  // namespace bench
