#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

// The loop that many clients of one thread share: one epoll instance, one buffer to read into,
// timers. Everything of it and of its clients happens on the thread that calls turn().

namespace bench {

using bench_clock = std::chrono::steady_clock;
constexpr auto never = bench_clock::time_point::max();

class client_loop {
public:
    client_loop();
    ~client_loop();
    client_loop(client_loop const&) = delete;
    client_loop& operator=(client_loop const&) = delete;

    // Handles what is ready and the timers that are due, waiting for either until `until` at the
    // longest, and sends what was queued meanwhile: one send per client and turn.
    void turn(bench_clock::time_point until);

    // Calls `action` once, not before `when` and within a millisecond after it while turn() runs.
    // There is no taking back: an action asks whether it is still wanted.
    void at(bench_clock::time_point when, std::function<void()> action);

    // Ends a turn() that waits. From any thread.
    void wake() noexcept;

    struct state;  // of the clients' own files
    state& inside() noexcept { return *state_; }

private:
    std::unique_ptr<state> state_;
};

}  // namespace bench
