#pragma once

#include <atomic>
#include <chrono>

// Wakes a thread that waits on a socket. Many may call wake(); one thread waits.

namespace rabbitmq {

class wake_up {
public:
    wake_up();  // throws std::system_error
    ~wake_up();
    wake_up(wake_up const&) = delete;
    wake_up& operator=(wake_up const&) = delete;

    void wake() noexcept;

    // Waits until woken, the socket can be read (or written, where asked for) or the time has come.
    // What was handed over before a wake() is seen after the return.
    void wait(std::chrono::microseconds at_most, int socket = -1,
              bool for_writing = false) noexcept;

private:
    int descriptor_;
    std::atomic<bool> woken_{false};
};

}  // namespace rabbitmq
