#pragma once

#include "bench/scenarios.hpp"
#include "bench/stomp_session.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

// What every scenario does: start clients in portions, wait for what they are told, and stop with a
// reason when one of them was refused or dropped.

namespace bench {

using bench_clock = std::chrono::steady_clock;

inline double seconds_since(bench_clock::time_point start) {
    return std::chrono::duration<double>(bench_clock::now() - start).count();
}

class client_fleet {
public:
    explicit client_fleet(target server) : server_(std::move(server)) {}

    // Starts the session; waits after every hundredth, so that a server's accept queue does not
    // overflow.
    void connect(stomp_session& session) { connect(session, server_.as); }
    void connect(stomp_session& session, login const& as) { connect(session, as, server_.to); }
    void connect(stomp_session& session, login const& as, endpoint const& to);
    void wait_until_connected() { wait_for(connected_, started_, "connected"); }

    // Turns the loop until `count` reaches `wanted`; throws after a minute.
    void wait_for(std::size_t const& count, std::size_t wanted, std::string_view what);

    // One turn of the loop; throws when a client was dropped.
    void turn(int timeout_ms);

    target const& server() const noexcept { return server_; }

private:
    target server_;
    client_loop loop_;
    std::size_t started_ = 0;
    std::size_t connected_ = 0;
    std::string failure_;
};

}  // namespace bench
