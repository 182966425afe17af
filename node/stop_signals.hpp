#pragma once

#include <csignal>

// SIGTERM and SIGINT as something to wait for. Made before any other thread, so that no thread is
// interrupted by them.

namespace node {

class stop_signals {
public:
    stop_signals();

    // Returns when one of them has come. A second one then ends the process at once: the drain may
    // be cut short.
    void wait();

private:
    sigset_t signals_{};
};

}  // namespace node
