#pragma once

#include <cstddef>

// How much of a frame a parser accepts. Checked while bytes arrive and before anything is
// allocated.

namespace stomp {

struct limits {
    std::size_t max_header_count = 128;
    std::size_t max_header_line = 16 * 1024;    // bytes of "name:value", escapes counted as sent
    std::size_t max_headers_total = 64 * 1024;  // bytes of the head: command, headers, blank line
    std::size_t max_body = 1024 * 1024;         // bytes
};

}  // namespace stomp
