#pragma once

#include <csignal>
#include <cstdint>

// SIGTERM, SIGINT and SIGHUP as something to wait for. Made before any other thread, so that no
// thread is interrupted by them.

namespace node {

enum class signal_received : std::uint8_t {
    stop,    // SIGTERM or SIGINT
    reload,  // SIGHUP
};

class stop_signals {
public:
    stop_signals();

    // Returns with the next of them. After the first `stop` SIGTERM and SIGINT have their usual
    // effect again: a second one ends the process at once, so that a drain may be cut short. SIGHUP
    // stays held: there is nothing to reload any more, and it must cut nobody off.
    signal_received wait();

private:
    sigset_t signals_{};
};

}  // namespace node
