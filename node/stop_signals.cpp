#include "node/stop_signals.hpp"

#include <cerrno>
#include <system_error>

namespace node {

stop_signals::stop_signals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGHUP);
    if (int const failed = pthread_sigmask(SIG_BLOCK, &signals_, nullptr); failed != 0) {
        throw std::system_error(failed, std::generic_category(), "pthread_sigmask");
    }
    std::signal(SIGPIPE, SIG_IGN);
}

signal_received stop_signals::wait() {
    int signal = 0;
    while (sigwait(&signals_, &signal) == EINTR) {
    }
    if (signal == SIGHUP) return signal_received::reload;
    sigset_t ending{};
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
    return signal_received::stop;
}

}  // namespace node
