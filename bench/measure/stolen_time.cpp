#include "bench/measure/stolen_time.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace bench {

std::optional<double> stolen_in(std::string_view line, double ticks_per_second) {
    std::istringstream fields{std::string(line)};
    std::string name;
    fields >> name;
    if (name != "cpu") return std::nullopt;
    // user, nice, system, idle, iowait, irq, softirq, steal.
    double ticks = 0;
    for (int i = 0; i < 8; ++i) {
        if (!(fields >> ticks)) return std::nullopt;
    }
    return ticks / ticks_per_second;
}

std::optional<double> stolen_seconds() {
    std::ifstream stat("/proc/stat");
    std::string line;
    if (!std::getline(stat, line)) return std::nullopt;
    return stolen_in(line, static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace bench
