#pragma once

#include "bench/plan/plan.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// The HTTP side of a chat server: rooms for a run, pages of history. Blocks; one connection, kept.

namespace bench {

class http_client {
public:
    // `authorization`: the header's value; empty: none. Certificates are checked as the target
    // says. Within a second of `stop`, which outlives it, a request under way is given up.
    http_client(target const& server, std::string const& authorization,
                std::atomic<bool> const& stop);
    ~http_client();
    http_client(http_client const&) = delete;
    http_client& operator=(http_client const&) = delete;

    struct answer {
        long status = 0;  // 0: there was none
        std::string body;
        std::string problem;  // why there was none
    };
    // `path` begins with a slash. `body` is JSON; empty: a GET.
    answer ask(std::string_view path, std::string_view body = {});

private:
    struct handle;
    std::unique_ptr<handle> handle_;
};

// Makes so many public rooms, owned by the target's user. Throws std::runtime_error with what the
// server said, or that it was stopped.
std::vector<std::uint64_t> make_rooms(target const& server, std::string const& authorization,
                                      std::size_t count, std::atomic<bool> const& stop);

}  // namespace bench
