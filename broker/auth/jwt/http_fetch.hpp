#pragma once

#include <atomic>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <variant>

// One GET over HTTP, by libcurl. Blocks: for threads that may.

namespace broker::auth {

struct fetch_failure {
    std::string reason;
};

// Follows a few redirects, never from https to http. Only an answer with status 200 is one.
// Ends soon after `stop` becomes true.
std::variant<std::string, fetch_failure> http_fetch(std::string const& address,
                                                    std::chrono::milliseconds timeout,
                                                    std::size_t max_bytes,
                                                    std::atomic<bool> const& stop);

}  // namespace broker::auth
