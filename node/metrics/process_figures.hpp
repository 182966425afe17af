#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

// What the kernel says of this process (/proc). Any thread.

namespace node {

struct process_figures {
    double cpu_seconds = 0;
    double start_seconds = 0;  // since 1970
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t threads = 0;
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0;
};

// Nothing where there is no /proc. To count the open descriptors takes a while when there are many.
enum class descriptors : std::uint8_t { counted, left_out };
std::optional<process_figures> read_process_figures(std::filesystem::path const& proc = "/proc",
                                                    descriptors open = descriptors::counted);

}  // namespace node
