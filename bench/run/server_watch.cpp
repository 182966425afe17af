#include "bench/run/server_watch.hpp"

#include "bench/measure/process_cost.hpp"

#include <system_error>
#include <thread>

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

bool server_watch::wait_until_idle(std::chrono::seconds patience, std::atomic<bool> const& stop) {
    constexpr std::chrono::milliseconds span{500};
    constexpr double idle_cores = 0.05;
    auto const until = std::chrono::steady_clock::now() + patience;
    while (!stop) {
        auto const before = cpu_seconds();
        if (!before) return true;  // nothing to wait for
        std::this_thread::sleep_for(span);
        auto const after = cpu_seconds();
        if (!after) return true;
        if (*after - *before < idle_cores * std::chrono::duration<double>(span).count())
            return true;
        if (std::chrono::steady_clock::now() >= until) return false;
    }
    return false;
}

}  // namespace bench
