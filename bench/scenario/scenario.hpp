#pragma once

#include "bench/client/client_loop.hpp"
#include "bench/measure/thread_meter.hpp"
#include "bench/plan/identities.hpp"
#include "bench/plan/plan.hpp"
#include "bench/result.hpp"
#include "bench/run/recorder.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// A scenario is what one thread's clients do. The worker drives it through its phases: open until
// ready(), then the load, then until settled(), all on the worker's thread.

namespace bench {

// Between two looks whether a subscription works. Not at once: Spring delivers twice from then on
// if a message is handled beside its SUBSCRIBE.
constexpr std::chrono::milliseconds probe_pace{100};
// At full load a lost message would hold its place in the window for ever: a window that gets no
// answer for so long is given up.
constexpr std::chrono::seconds stall_limit{2};
// So much is sent between two looks at the clock and at what came; what is due beyond it is due at
// once.
constexpr std::size_t most_at_once = 1000;

// What a scenario works with: its thread's part of the run. All of it outlives the scenario.
struct worker_context {
    client_loop& loop;
    recorder& record;
    target const& server;
    plan const& what;
    identities const& who;
    std::size_t part = 0;  // this thread among all
    std::size_t parts = 1;
    std::uint32_t run = 0;                    // in every stamp
    std::vector<std::uint64_t> const& rooms;  // chat rooms that were prepared, of all threads

    // How much of `total` is this thread's, and the number of the first.
    std::size_t share(std::size_t total) const noexcept {
        return total / parts + (part < total % parts ? 1 : 0);
    }
    std::size_t first_of(std::size_t total) const noexcept {
        return part * (total / parts) + std::min(part, total % parts);
    }
};

class scenario {
public:
    virtual ~scenario() = default;

    // Begins to open what the load needs; goes on in the loop.
    virtual void open() = 0;
    virtual bool ready() const = 0;
    // What is missing, for a run whose opening does not end: "12 of 1000 clients not connected".
    virtual std::string missing() const = 0;
    // Everybody has tried and somebody failed: ready() will not come.
    virtual bool in_vain() const = 0;

    virtual void begin(bench_clock::time_point start) = 0;
    // Does what is due and says when to call again; the loop may call it earlier.
    virtual bench_clock::time_point tick(bench_clock::time_point now) = 0;
    // The load has nothing more to do, before its time is over.
    virtual bool done() const { return false; }

    // After the load: nothing is on its way any more.
    virtual bool settled() const { return true; }
    // As tick(), but begins nothing new.
    virtual bench_clock::time_point settle(bench_clock::time_point) {
        return bench_clock::time_point::max();
    }
    // What a thread of the scenario's own has cost so far, if it has one. From any thread.
    virtual thread_cost helper_cost() const { return {}; }
    // Adds what only the scenario knows: arrivals, further figures.
    virtual void finish(run_result& into) = 0;
};

std::unique_ptr<scenario> make_scenario(worker_context const& context);

}  // namespace bench
