#pragma once

#include <sys/epoll.h>
#include <cstdint>
#include <vector>

// The readiness of the connections of one shard: an epoll set of our own, which the loop's
// io_context watches as one descriptor.
//
// Asio keeps some 300 bytes per descriptor and pending wait, and each wait costs it a system call;
// here a connection costs nothing but its entry in the kernel, and a burst of ready sockets is one
// handler. Level-triggered. On the loop's thread only.

namespace broker::transport {

class pollable {
public:
    // `events`: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR. Whoever is called back here must
    // outlive the turn after it has removed itself (see loop::retire).
    virtual void on_ready(std::uint32_t events) = 0;

protected:
    ~pollable() = default;
};

class poller {
public:
    poller();
    ~poller();
    poller(poller const&) = delete;
    poller& operator=(poller const&) = delete;

    // False when the system has no room for one more.
    bool add(int descriptor, std::uint32_t events, pollable& who) noexcept;
    void modify(int descriptor, std::uint32_t events, pollable& who) noexcept;
    void remove(int descriptor) noexcept;

    // Calls back everyone who is ready now, up to a bound; never waits. True when there may be
    // more.
    bool dispatch();

    int descriptor() const noexcept { return epoll_; }

private:
    int epoll_;
    std::vector<epoll_event> ready_;
};

}  // namespace broker::transport
