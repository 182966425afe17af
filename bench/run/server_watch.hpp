#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
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
    // The kernel walks all their pages for it: tens of milliseconds for a large process. Nothing
    // when that of one of them may not be read.
    std::optional<std::uint64_t> pss_bytes();
    // Until they have used less than a twentieth of a core for half a second: a server is busy for
    // a while with the end of a load. False when they still work after `patience`, or at `stop`.
    bool wait_until_idle(std::chrono::seconds patience, std::atomic<bool> const& stop);
    bool watches() const noexcept { return !processes_.empty(); }

    // Why figures are missing, each reason once.
    std::vector<std::string> const& problems() const noexcept { return problems_; }

private:
    // The sum over all processes of what `of` takes from the cost of each; nothing without one.
    template <class Value, class Of>
    std::optional<Value> sum(bool with_memory, Of of);
    void has_problem(std::string const& text);

    std::vector<pid_t> processes_;
    std::vector<std::string> problems_;
};

}  // namespace bench
