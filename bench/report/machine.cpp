#include "bench/report/machine.hpp"

#include <sched.h>
#include <sys/utsname.h>

#include <fstream>
#include <iterator>

namespace bench {
namespace {

// The processors that this process may use.
int processors() {
    cpu_set_t usable;
    CPU_ZERO(&usable);
    if (::sched_getaffinity(0, sizeof usable, &usable) != 0) return 0;
    return CPU_COUNT(&usable);
}

std::string_view trimmed(std::string_view text) {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string processor_name(std::string_view cpuinfo) {
    while (!cpuinfo.empty()) {
        auto const end = cpuinfo.find('\n');
        std::string_view const line = cpuinfo.substr(0, end);
        auto const colon = line.find(':');
        if (colon != std::string_view::npos && trimmed(line.substr(0, colon)) == "model name") {
            return std::string{trimmed(line.substr(colon + 1))};
        }
        if (end == std::string_view::npos) break;
        cpuinfo.remove_prefix(end + 1);
    }
    return {};
}

std::string describe_machine() {
    std::ifstream file{"/proc/cpuinfo"};
    std::string const cpuinfo{std::istreambuf_iterator<char>{file}, {}};
    std::string name = processor_name(cpuinfo);
    if (name.empty()) name = "CPU";
    std::string out;
    if (int const count = processors(); count > 0) out = std::to_string(count) + " x " + name;
    utsname system{};
    if (::uname(&system) == 0) {
        if (!out.empty()) out += ", ";
        out += std::string{system.sysname} + " " + system.release;
    }
    return out;
}

}  // namespace bench
