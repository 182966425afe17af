#include "node/open_files.hpp"

#include <sys/resource.h>

namespace node {

std::size_t allow_all_open_files() {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 0;
    rlimit const wanted{files.rlim_max, files.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) files = wanted;
    return files.rlim_cur;
}

}  // namespace node
