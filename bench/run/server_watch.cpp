#include "bench/run/server_watch.hpp"

#include "bench/measure/process_cost.hpp"

#include <system_error>

namespace bench {

std::optional<double> server_watch::cpu_seconds() {
    if (processes_.empty()) return std::nullopt;
    try {
        double out = 0;
        for (pid_t const each : processes_) out += cost_of(each, false).cpu_seconds;
        return out;
    } catch (std::system_error const&) {
        processes_.clear();
        return std::nullopt;
    }
}

std::optional<std::uint64_t> server_watch::pss_bytes() {
    if (processes_.empty()) return std::nullopt;
    try {
        std::uint64_t out = 0;
        for (pid_t const each : processes_) out += cost_of(each, true).pss_bytes;
        return out;
    } catch (std::system_error const&) {
        processes_.clear();
        return std::nullopt;
    }
}

}  // namespace bench
