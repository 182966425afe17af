#include "bench/run/doubts.hpp"

#include <fmt/format.h>

namespace bench {
namespace {

constexpr double busy_thread = 0.9;
constexpr double late_milliseconds = 1;

}  // namespace

std::optional<std::string> doubt_of_thread(std::string_view name, thread_cost const& cost,
                                           double lasted) {
    double const busy = cost.busy(lasted);
    if (busy < busy_thread) return std::nullopt;
    return fmt::format(
        "the bench's {} used {:.0f} % of its core: the bench may be the bottleneck (costs per "
        "delivery hold, rates and latencies may not)",
        name, 100 * busy);
}

std::optional<std::string> doubt_of_lag(histogram const& lag) {
    double const late = static_cast<double>(lag.at(0.99)) / 1e6;
    if (late <= late_milliseconds) return std::nullopt;
    return fmt::format(
        "the bench sent 1 % of the messages more than {:.1f} ms late: its own delay is part of the "
        "latencies",
        late);
}

}  // namespace bench
