#pragma once

#include "bench/client/addresses.hpp"
#include "bench/client/client_loop.hpp"
#include "bench/client/timer_heap.hpp"
#include "bench/client/tls.hpp"

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

// What a client_loop holds for those who live in it.

namespace bench {

// A socket's owner. It must leave (client_loop::state::leave) before it is destroyed.
class pollable {
public:
    virtual void on_ready(std::uint32_t events) = 0;  // of epoll
    virtual void flush() = 0;                         // once per turn, after mark()

protected:
    ~pollable() = default;
};

struct client_loop::state {
    state();
    ~state();
    state(state const&) = delete;
    state& operator=(state const&) = delete;

    void join(int socket, pollable& who, std::uint32_t events) const;
    void change(int socket, pollable& who, std::uint32_t events) const noexcept;
    // Nothing is called on it any more, not even for what this turn has seen already. The socket
    // is closed or taken out by its owner.
    void leave(pollable& who) noexcept;
    // Calls its flush() at the turn's end. Once: the owner knows whether it is marked.
    void mark(pollable& who) { marked.push_back(&who); }

    // Strings with some capacity, so that an idle client need not hold one.
    std::string take_buffer();
    void give_back(std::string buffer);

    // Keeps something until it is released, or until the loop goes.
    void keep(std::shared_ptr<void> what) { kept.emplace(what.get(), what); }
    void release(void const* what) noexcept { kept.erase(what); }

    void wait(bench_clock::time_point until);
    void flush_marked();
    void run_actions();

    struct action {
        bench_clock::time_point when;
        std::uint64_t order;
        std::function<void()> call;
    };

    int epoll = -1;
    int waker = -1;
    bench_clock::time_point now;  // when this turn's events were fetched
    timer_heap timers;
    std::vector<action> actions;  // a heap
    std::uint64_t actions_made = 0;
    std::vector<action> due;

    std::array<epoll_event, 512> events{};
    std::size_t event_count = 0;
    std::vector<pollable*> marked;
    std::vector<pollable*> flushing;

    std::vector<char> input;  // read into by everybody
    std::string frame;        // composed in by everybody
    std::string encoded;      // to JSON
    std::string decoded;      // JSON strings
    std::vector<std::string> buffers;
    std::uint64_t random = 0;  // for masks and session names

    std::map<void const*, std::shared_ptr<void>> kept;

    address_book addresses;
    tls_contexts tls;
    std::string websocket_key;  // see websocket_handshake.hpp
    std::string websocket_accept;

    std::uint64_t next_random() noexcept;  // never 0
};

}  // namespace bench
