#include "broker/transport/poller.hpp"

#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace broker::transport {
namespace {

constexpr std::size_t events_at_once = 512;

}  // namespace

poller::poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), ready_(events_at_once) {
    if (epoll_ < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

poller::~poller() {
    ::close(epoll_);
}

bool poller::add(int descriptor, std::uint32_t events, pollable& who) noexcept {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &who;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void poller::modify(int descriptor, std::uint32_t events, pollable& who) noexcept {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &who;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void poller::remove(int descriptor) noexcept {
    epoll_event event{};
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, &event);
}

bool poller::dispatch() {
    int const count = ::epoll_wait(epoll_, ready_.data(), static_cast<int>(ready_.size()), 0);
    for (int i = 0; i < count; ++i) {
        auto const& event = ready_[static_cast<std::size_t>(i)];
        static_cast<pollable*>(event.data.ptr)->on_ready(event.events);
    }
    return count == static_cast<int>(ready_.size());
}

}  // namespace broker::transport
