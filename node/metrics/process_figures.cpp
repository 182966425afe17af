#include "node/metrics/process_figures.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace node {
namespace {

std::string content_of(std::filesystem::path const& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// "btime 1700000000" in /proc/stat: when the machine was started.
double boot_seconds(std::filesystem::path const& proc) {
    std::istringstream lines(content_of(proc / "stat"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("btime ")) return std::stod(line.substr(6));
    }
    return 0;
}

std::uint64_t entries_of(std::filesystem::path const& folder) {
    std::error_code failed;
    std::filesystem::directory_iterator entries(folder, failed);
    if (failed) return 0;
    std::uint64_t count = 0;
    for (auto const end = std::filesystem::directory_iterator(); entries != end;) {
        ++count;
        entries.increment(failed);
        if (failed) break;
    }
    return count;
}

}  // namespace

std::optional<process_figures> read_process_figures(std::filesystem::path const& proc,
                                                    descriptors open) {
    auto const stat = content_of(proc / "self/stat");
    // The name in parentheses may hold anything; proc(5) counts the fields from there.
    auto const name_end = stat.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(stat.substr(name_end + 1));
    std::string state;
    fields >> state;
    std::uint64_t field[25] = {};
    for (int i = 4; i <= 24; ++i) {
        std::int64_t value = 0;
        fields >> value;
        field[i] = static_cast<std::uint64_t>(value);
    }
    if (!fields) return std::nullopt;

    auto const ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    process_figures out;
    out.cpu_seconds = static_cast<double>(field[14] + field[15]) / ticks;
    out.threads = field[20];
    out.start_seconds = boot_seconds(proc) + static_cast<double>(field[22]) / ticks;
    out.virtual_bytes = field[23];
    out.resident_bytes = field[24] * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    if (open == descriptors::counted) out.open_fds = entries_of(proc / "self/fd");
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) out.max_fds = limit.rlim_cur;
    return out;
}

}  // namespace node
