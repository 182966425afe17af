#include "bench/client/client_loop.hpp"

#include "bench/client/loop_state.hpp"
#include "bench/client/websocket_handshake.hpp"

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <random>
#include <system_error>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t input_bytes = std::size_t{512} * 1024;
constexpr std::size_t kept_buffers = 256;
constexpr std::size_t kept_buffer_bytes = std::size_t{64} * 1024;

[[noreturn]] void fail(char const* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

// Earliest on top; those of the same time in the order in which they were given.
bool later(client_loop::state::action const& a, client_loop::state::action const& b) noexcept {
    return a.when != b.when ? a.when > b.when : a.order > b.order;
}

void drop(std::vector<pollable*>& from, pollable* who) noexcept {
    std::ranges::replace(from, who, static_cast<pollable*>(nullptr));
}

}  // namespace

client_loop::state::state()
    : epoll(epoll_create1(EPOLL_CLOEXEC)),
      waker(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      now(bench_clock::now()),
      input(input_bytes) {
    if (epoll < 0 || waker < 0) fail("epoll");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = this;  // nobody else's
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, waker, &event) != 0) fail("epoll_ctl");
    // OpenSSL writes without MSG_NOSIGNAL.
    std::signal(SIGPIPE, SIG_IGN);
    std::random_device seed;
    random = (std::uint64_t{seed()} << 32 | seed()) | 1U;
    websocket_key = make_websocket_key();
    websocket_accept = websocket_accept_of(websocket_key);
}

client_loop::state::~state() {
    kept.clear();
    ::close(waker);
    ::close(epoll);
}

void client_loop::state::join(int socket, pollable& who, std::uint32_t wanted) const {
    epoll_event event{};
    event.events = wanted;
    event.data.ptr = &who;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
}

void client_loop::state::change(int socket, pollable& who, std::uint32_t wanted) const noexcept {
    epoll_event event{};
    event.events = wanted;
    event.data.ptr = &who;
    epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event);
}

void client_loop::state::leave(pollable& who) noexcept {
    for (std::size_t i = 0; i < event_count; ++i) {
        if (events[i].data.ptr == &who) events[i].data.ptr = nullptr;
    }
    drop(marked, &who);
    drop(flushing, &who);
}

std::string client_loop::state::take_buffer() {
    if (buffers.empty()) return {};
    std::string out = std::move(buffers.back());
    buffers.pop_back();
    return out;
}

void client_loop::state::give_back(std::string buffer) {
    if (buffers.size() >= kept_buffers || buffer.capacity() > kept_buffer_bytes) return;
    buffer.clear();
    buffers.push_back(std::move(buffer));
}

std::uint64_t client_loop::state::next_random() noexcept {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return random;
}

void client_loop::state::wait(bench_clock::time_point until) {
    if (!actions.empty()) until = std::min(until, actions.front().when);
    if (!timers.empty()) until = std::min(until, timers.next());
    auto const left =
        std::max(std::chrono::nanoseconds(until - bench_clock::now()), std::chrono::nanoseconds(0));
    // No longer than an hour: the far end of the clock does not fit into a timespec.
    auto const bounded = std::min<std::chrono::nanoseconds>(left, std::chrono::hours(1));
    timespec timeout{};
    timeout.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(bounded).count();
    timeout.tv_nsec = (bounded % std::chrono::seconds(1)).count();
    int const ready =
        epoll_pwait2(epoll, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    if (ready < 0 && errno != EINTR) fail("epoll_pwait2");
    event_count = ready < 0 ? 0 : static_cast<std::size_t>(ready);
    now = bench_clock::now();
}

void client_loop::state::flush_marked() {
    // Somebody's flush may mark others; they are served by the next call.
    flushing.swap(marked);
    for (std::size_t i = 0; i < flushing.size(); ++i) {
        if (auto* const who = std::exchange(flushing[i], nullptr)) who->flush();
    }
    flushing.clear();
}

void client_loop::state::run_actions() {
    while (!actions.empty() && actions.front().when <= now) {
        std::ranges::pop_heap(actions, later);
        due.push_back(std::move(actions.back()));
        actions.pop_back();
    }
    auto calls = std::exchange(due, {});
    for (auto const& next : calls) next.call();
    calls.clear();
    if (due.empty()) due = std::move(calls);
}

client_loop::client_loop() : state_(std::make_unique<state>()) {}

client_loop::~client_loop() = default;

void client_loop::turn(bench_clock::time_point until) {
    // By default the kernel wakes a thread up to 50 microseconds late.
    thread_local bool const punctual = prctl(PR_SET_TIMERSLACK, 1) == 0;
    static_cast<void>(punctual);
    state& in = *state_;
    in.flush_marked();
    in.wait(until);
    for (std::size_t i = 0; i < in.event_count; ++i) {
        auto const& event = in.events[i];
        if (event.data.ptr == nullptr) continue;  // somebody who left
        if (event.data.ptr == &in) {
            std::uint64_t calls = 0;
            static_cast<void>(read(in.waker, &calls, sizeof calls));
            continue;
        }
        static_cast<pollable*>(event.data.ptr)->on_ready(event.events);
    }
    in.event_count = 0;
    in.timers.run(in.now);
    in.run_actions();
    in.flush_marked();
}

void client_loop::at(bench_clock::time_point when, std::function<void()> action) {
    state_->actions.push_back({when, state_->actions_made++, std::move(action)});
    std::ranges::push_heap(state_->actions, later);
}

void client_loop::wake() noexcept {
    std::uint64_t const one = 1;
    static_cast<void>(write(state_->waker, &one, sizeof one));
}

}  // namespace bench
