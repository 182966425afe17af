#include "node/open_files.hpp"

#include "node/event_log.hpp"

#include <sys/resource.h>
#include <string>

namespace node {

std::size_t allow_all_open_files() {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 0;
    rlimit const wanted{files.rlim_max, files.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) files = wanted;
    return files.rlim_cur;
}

std::size_t most_clients(std::uint32_t configured) {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return configured;
    auto const room = files_for_clients(files.rlim_cur);
    if (configured == 0) return room;
    if (configured <= room) return configured;
    log_warning("too_few_open_files", {{"open_files", std::to_string(files.rlim_cur)},
                                       {"connections", std::to_string(room)},
                                       {"configured", std::to_string(configured)}});
    return room;
}

}  // namespace node
