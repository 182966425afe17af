#include "bench/run/doubts.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

namespace bench {
namespace {

constexpr double busy_thread = 0.9;
constexpr double late_milliseconds = 1;
constexpr double stolen_share = 0.01;

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

std::vector<std::string> doubts_of_threads(std::vector<thread_cost> const& before,
                                           std::vector<thread_cost> const& after, double lasted) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < after.size(); ++i) {
        auto const name =
            fmt::format("{} {}", i % 2 == 0 ? "thread" : "reader of history, of thread", i / 2 + 1);
        auto text = doubt_of_thread(name, after[i] - before[i], lasted);
        if (text) out.push_back(std::move(*text));
    }
    return out;
}

std::optional<std::string> doubt_of_steal(double cores, std::size_t processors) {
    double const share = cores / static_cast<double>(processors);
    if (share <= stolen_share) return std::nullopt;
    return fmt::format(
        "the machine's host took {:.1f} % of its processors' time (steal): rates and high "
        "percentiles are the host's, too",
        100 * share);
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
