#pragma once

#include "bench/client/client_loop.hpp"
#include "bench/result.hpp"
#include "bench/run/recorder.hpp"
#include "bench/run/worker.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

// The seconds of a run, summed over its threads as they pass. Used by the conductor.

namespace bench {

class timeline {
public:
    void begin(load_times const& times) {
        times_ = times;
        next_ends_ = times.second_ends(times.start);
    }
    // When the next second will be over.
    bench_clock::time_point next_second() const noexcept { return next_ends_; }

    // Takes each second that is over in every thread that still runs; `complete` adds what the
    // threads do not know.
    void take(std::vector<std::unique_ptr<worker>> const& from,
              std::function<void(second&)> const& complete);

    std::vector<second> const& all() const noexcept { return all_; }
    // Those that were not taken by this call before.
    std::vector<second> take_new();

private:
    load_times times_;
    bench_clock::time_point next_ends_ = bench_clock::time_point::max();
    std::vector<second> all_;
    std::size_t shown_ = 0;
};

// What a growing figure, such as CPU seconds, gained per second since it was last looked at.
class rate_meter {
public:
    // 0 the first time, and when there is no value.
    double on(std::optional<double> value);

private:
    std::optional<double> last_;
    bench_clock::time_point at_;
};

}  // namespace bench
