#pragma once

#include "bench/result.hpp"

#include <cstddef>

// A result with everything in it, the same each time it is made.

namespace bench {

struct sample_options {
    std::size_t seconds = 30;  // the first two are the warm-up
    double slower = 1;         // latencies and costs, times
    std::uint64_t lost = 0;
};

// Its figures are there.
run_result sample_result(sample_options options = {});

}  // namespace bench
