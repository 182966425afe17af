#include "bench/run/server_watch.hpp"

#include "bench/measure/process_cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <thread>

namespace bench {

void server_watch::has_problem(std::string const& text) {
    if (std::ranges::find(problems_, text) == problems_.end()) problems_.push_back(text);
}

template <class Value, class Of>
std::optional<Value> server_watch::sum(bool with_memory, Of of) {
    if (processes_.empty()) return std::nullopt;
    Value out = 0;
    for (pid_t const each : processes_) {
        process_cost cost;
        try {
            cost = cost_of(each, with_memory);
        } catch (std::system_error const&) {
            has_problem(
                fmt::format("the server's process {} has ended: its CPU and memory are not "
                            "measured any more",
                            each));
            processes_.clear();
            return std::nullopt;
        }
        std::optional<Value> const value = of(cost);
        if (!value) {
            has_problem(
                fmt::format("the memory of the server's process {} may not be read: run "
                            "the bench as the server's user, or as root",
                            each));
            return std::nullopt;
        }
        out += *value;
    }
    return out;
}

std::optional<double> server_watch::cpu_seconds() {
    return sum<double>(false, [](process_cost const& of) { return std::optional(of.cpu_seconds); });
}

std::optional<std::uint64_t> server_watch::pss_bytes() {
    return sum<std::uint64_t>(true, [](process_cost const& of) { return of.pss_bytes; });
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
