#include "tests/bench/report_sample.hpp"

#include "bench/report/figures.hpp"

#include <cmath>
#include <cstdint>

namespace bench {
namespace {

constexpr std::size_t warm_up = 2;

std::int64_t nanoseconds(double milliseconds) {
    return static_cast<std::int64_t>(milliseconds * 1e6);
}

// A body around `typical` and a tail up to 40 times that.
void fill(histogram& values, double typical, std::uint64_t count) {
    for (std::uint64_t i = 0; i < 1000; ++i) {
        double const quantile = (static_cast<double>(i) + 0.5) / 1000;
        double const value = typical * (0.6 + quantile + 0.02 / (1.0005 - quantile));
        values.add(nanoseconds(value), std::max<std::uint64_t>(count / 1000, 1));
    }
}

second sample_second(std::size_t at, sample_options const& options) {
    second one;
    one.at = static_cast<double>(at);
    one.warm_up = at < warm_up;
    double const wave = std::sin(static_cast<double>(at) / 3);
    one.sent = static_cast<std::uint64_t>(1000 + 40 * wave);
    one.delivered = one.sent * 20;
    one.receipts = one.sent;
    one.offered = 1000;
    one.sessions = 2100;
    double const typical = options.slower * (0.4 + 0.1 * wave + (at == 17 ? 2.5 : 0));
    fill(one.delivery, typical, one.delivered);
    fill(one.receipt, typical * 1.5, one.receipts);
    one.server_cores = options.slower * (0.21 + 0.02 * wave);
    one.server_bytes = options.slower * (24 + 0.05 * static_cast<double>(at)) * (1 << 20);
    one.bench_cores = 0.55 + 0.03 * wave;
    return one;
}

}  // namespace

run_result sample_result(sample_options options) {
    run_result result;
    result.target = "stampede";
    result.scenario = "fan-out 100 x 20, 1,000/s, 200 bytes";
    result.started = "2026-11-21T14:00:00Z";
    result.command = "stampede-bench fan-out --rooms 100 --subscribers 20 --rate 1000 --body '<b>'";
    result.machine = "2 x sample CPU, Linux 6.1";
    result.opening = {.seconds = 0.5, .connects = 2100, .server_cpu_seconds = 0.084};
    result.pss_before = 4ull << 20;
    result.pss_opened = (4ull << 20) + 2100 * 1024;
    result.sessions_opened = 2100;
    for (std::size_t at = 0; at < options.seconds; ++at) {
        result.seconds.push_back(sample_second(at, options));
        second const& one = result.seconds.back();
        if (one.warm_up) continue;
        result.load.seconds += 1;
        result.load.sent += one.sent;
        result.load.delivered += one.delivered;
        result.load.receipts += one.receipts;
        result.load.offered += one.offered;
        result.load.server_cpu_seconds =
            result.load.server_cpu_seconds.value_or(0) + one.server_cores;
        result.load.bench_cpu_seconds = result.load.bench_cpu_seconds.value_or(0) + one.bench_cores;
        result.latencies[latency::delivery].add(one.delivery);
        result.latencies[latency::receipt].add(one.receipt);
    }
    result.measured_seconds = result.load.seconds;
    fill(result.latencies[latency::connect], 3, 2000);
    fill(result.lag, 0.02, 30000);
    result.arrivals = {.expected = result.load.delivered,
                       .arrived = result.load.delivered - options.lost,
                       .lost = options.lost};
    if (options.lost != 0) {
        result.errors["closed by the server: 1011 \"internal\""] = 3;
        result.seconds.back().errors = 3;
        result.warnings.push_back("3 clients were cut off & came back: <rates> are theirs, too.");
    }
    add_figures(result);
    return result;
}

}  // namespace bench
