#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

// Every latency of a short run, kept whole: quantiles are exact.

namespace bench {

class latency_samples {
public:
    void add(std::chrono::steady_clock::duration value) {
        nanoseconds_.push_back(std::chrono::nanoseconds(value).count());
    }
    void clear() noexcept { nanoseconds_.clear(); }

    // 0 when there is none.
    double quantile_ms(double quantile) {
        if (nanoseconds_.empty()) return 0;
        auto const rank =
            static_cast<std::size_t>(quantile * static_cast<double>(nanoseconds_.size() - 1));
        auto const at = nanoseconds_.begin() + static_cast<std::ptrdiff_t>(rank);
        std::nth_element(nanoseconds_.begin(), at, nanoseconds_.end());
        return static_cast<double>(*at) / 1e6;
    }

private:
    std::vector<long> nanoseconds_;
};

}  // namespace bench
