#include "bench/measure/process_cost.hpp"

#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace bench {

process_cost cost_of(pid_t pid, bool with_memory) {
    std::string const folder = "/proc/" + std::to_string(pid);
    std::ifstream stat(folder + "/stat");
    std::string line;
    if (!std::getline(stat, line)) {
        throw std::system_error(ESRCH, std::generic_category(), folder + "/stat");
    }
    // The command's name stands in parentheses and may hold blanks; utime and stime are the 12th
    // and 13th fields behind it (proc(5)).
    std::istringstream rest(line.substr(line.rfind(')') + 2));
    std::string field;
    for (int i = 0; i < 11; ++i) rest >> field;
    double user = 0;
    double system = 0;
    rest >> user >> system;
    process_cost out;
    out.cpu_seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
    if (!with_memory) return out;
    std::ifstream rollup(folder + "/smaps_rollup");
    while (std::getline(rollup, line)) {
        if (line.starts_with("Pss:")) out.pss_bytes = std::stoull(line.substr(4)) * 1024;
    }
    return out;
}

double own_cpu_seconds() noexcept {
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace bench
