#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

// The CPU and memory of a server's processes, all together. A process that has gone ends the
// watching: its figures would be wrong.

namespace bench {

class server_watch {
public:
    explicit server_watch(std::vector<pid_t> processes) : processes_(std::move(processes)) {}

    // Seconds of CPU since they were started; nothing when there is nothing to watch.
    std::optional<double> cpu_seconds();
    // The kernel walks all their pages for it: tens of milliseconds for a large process.
    std::optional<std::uint64_t> pss_bytes();
    bool watches() const noexcept { return !processes_.empty(); }

private:
    std::vector<pid_t> processes_;
};

}  // namespace bench
