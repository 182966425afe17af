#pragma once

#include "broker/auth/auth_options.hpp"
#include "broker/auth/jwt/key_set.hpp"
#include "broker/ports/clock.hpp"
#include "broker/unique_function.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// The key set of a file or an address, fetched on a thread of its own: at start, every so often,
// and when a token names a key that it lacks. The last good set stays while fetching fails; then
// the next try comes soon, with growing gaps. From any thread.

namespace broker::auth {

struct fetch_limits {
    std::chrono::milliseconds timeout;
    std::size_t max_bytes = max_key_set_bytes;
};

class jwks_source {
public:
    // `known`: the set of an earlier source of the same location, which counts until the first
    // fetch has succeeded.
    jwks_source(jwt_options const& options, std::function<void(auth_event const&)> on_event,
                key_set_ptr known = nullptr);
    // Ends a fetch that is under way. Callbacks that wait are dropped.
    ~jwks_source();
    jwks_source(jwks_source const&) = delete;
    jwks_source& operator=(jwks_source const&) = delete;

    // Null until the first fetch has succeeded, unless a set was known before.
    key_set_ptr current() const;

    // Asks for a fetch, joins one that is under way, and calls `done` on this source's thread with
    // the current set (see above) when it has ended, well or not. Answers false, and drops `done`,
    // when the last fetch began less than jwks_min_gap ago, or too many wait.
    bool refresh(unique_function<void(key_set_ptr)> done);

private:
    void run();
    void fetch();
    void tell(std::string_view name, std::string detail) const;
    std::chrono::milliseconds next_wait();

    std::string const location_;
    std::chrono::milliseconds const interval_;
    std::chrono::milliseconds const min_gap_;
    fetch_limits const limits_;
    std::function<void(auth_event const&)> const on_event_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> stopping_ = false;
    bool fetching_ = true;  // the first begins at once
    bool wanted_ = false;
    std::optional<steady_time> last_start_;
    unsigned failures_ = 0;
    key_set_ptr current_;
    std::vector<unique_function<void(key_set_ptr)>> waiting_;
    std::thread thread_;
};

}  // namespace broker::auth
