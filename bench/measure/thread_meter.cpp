#include "bench/measure/thread_meter.hpp"

#include <time.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <string>

namespace bench {
namespace {

std::optional<double> seconds_on(clockid_t clock) noexcept {
    timespec used{};
    if (clock_gettime(clock, &used) != 0) return std::nullopt;
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

// The second number of schedstat is the time on a run queue, in nanoseconds.
std::optional<double> waited_by(pid_t thread) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/schedstat");
    double ran = 0;
    double waited = 0;
    if (!(file >> ran >> waited)) return std::nullopt;
    return waited / 1e9;
}

}  // namespace

void thread_meter::begin() {
    pthread_getcpuclockid(pthread_self(), &clock_);
    thread_ = gettid();
}

void thread_meter::end() {
    used_ = seconds_on(clock_).value_or(0);
    waited_ = waited_by(thread_).value_or(0);
    thread_ = 0;
}

thread_cost thread_meter::so_far() const {
    pid_t const thread = thread_;
    if (thread == 0) return {used_, waited_};
    // It may end between the lines; what it said then counts.
    auto const used = seconds_on(clock_);
    auto const waited = waited_by(thread);
    return {used.value_or(used_), waited.value_or(waited_)};
}

}  // namespace bench
