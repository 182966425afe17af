#include "rabbitmq/wake_up.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace rabbitmq {

wake_up::wake_up() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::system_category(), "eventfd");
}

wake_up::~wake_up() {
    close(descriptor_);
}

void wake_up::wake() noexcept {
    // One write until the thread has seen it is enough.
    if (woken_.exchange(true)) return;
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const written = write(descriptor_, &one, sizeof one);
}

void wake_up::wait(std::chrono::microseconds at_most, int socket, bool for_writing) noexcept {
    short const events = for_writing ? POLLIN | POLLOUT : POLLIN;
    std::array<pollfd, 2> waiting{{{descriptor_, POLLIN, 0}, {socket, events, 0}}};
    constexpr std::chrono::microseconds longest = std::chrono::minutes(1);
    auto const time = std::clamp(at_most, std::chrono::microseconds(0), longest).count();
    timespec const until{static_cast<time_t>(time / 1'000'000),
                         static_cast<long>(time % 1'000'000 * 1'000)};
    ppoll(waiting.data(), socket < 0 ? 1 : 2, &until, nullptr);
    if ((waiting[0].revents & POLLIN) == 0) return;
    std::uint64_t count = 0;
    [[maybe_unused]] auto const got = read(descriptor_, &count, sizeof count);
    // After the read: a wake() in between is covered by what the caller looks at next.
    woken_.store(false);
}

}  // namespace rabbitmq
