#pragma once

#include "bench/plan/plan.hpp"
#include "bench/result.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Runs a plan against a server: prepares what it needs, opens the clients, applies the load,
// measures, waits for what is on its way, and answers what it found.

namespace bench {

enum class run_phase : std::uint8_t { preparing, opening, warm_up, load, settling };
std::string_view to_string(run_phase phase) noexcept;

// What a person who watches wants to know; several times a second.
struct moment {
    run_phase phase = run_phase::preparing;
    // Seconds since the load began; while opening: since the first connect; while settling: since
    // the load ended.
    double elapsed = 0;
    double whole = 0;  // of the load with its warm-up; while settling: the patience; 0: not known
    std::uint64_t sessions = 0;
    std::uint64_t sessions_wanted = 0;
    // Seconds that are over and were not shown yet.
    std::vector<second> seconds;
};

// `stop`: ends the run at once, with what was found so far. Throws std::runtime_error when the run
// cannot begin: a server that refuses, clients that do not come to be ready.
run_result run_plan(target const& server, plan const& what,
                    std::function<void(moment const&)> const& show, std::atomic<bool> const& stop);

// "fan-out 100 x 10, 20,000/s, 200 bytes": for people.
std::string describe(plan const& what);

}  // namespace bench
