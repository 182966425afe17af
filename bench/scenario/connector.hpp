#pragma once

#include "bench/client/stomp_client.hpp"
#include "bench/plan/identities.hpp"
#include "bench/scenario/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

// Brings a scenario's clients to CONNECTED, so many at a time or so many per second, and keeps
// account of it: how long each took, how many are there, why one failed. The scenario hands it what
// its clients tell.

namespace bench {

class connector {
public:
    // The clients tell `listener`; both `context` and it outlive this.
    connector(worker_context const& context, client_listener& listener)
        : context_(context), listener_(listener) {}

    // One more client, known by its place among this thread's and by its number among all.
    stomp_client& add(std::uint64_t number);
    stomp_client& at(std::size_t place) { return *clients_[place].client; }
    std::uint64_t number_of(stomp_client const& client) const {
        return clients_[client.index].number;
    }
    std::size_t size() const noexcept { return clients_.size(); }

    // Queues a client to be connected as soon as the pace allows, from `due` on: its latency counts
    // from there, or from when the pace had its turn, whatever is later.
    void connect(stomp_client& client, bench_clock::time_point due);
    void connect_all(bench_clock::time_point now);
    // Connects what the pace allows; when to call again.
    bench_clock::time_point tick(bench_clock::time_point now);

    // What the listener is told.
    void on_connected(stomp_client& client);
    void on_closed(stomp_client& client, std::string_view reason);
    void on_error(frame_view error);
    // Ends a client's connection from our side.
    void close(stomp_client& client, bool politely);

    std::size_t connected() const noexcept { return connected_; }
    // Neither connected yet nor failed.
    std::size_t under_way() const noexcept { return under_way_; }
    // The same, and those whose turn has not come.
    std::size_t waiting() const noexcept { return queue_.size() + under_way_; }
    bool in_vain() const noexcept { return closed_ > 0 && waiting() == 0; }
    // What a server says of it says more than how the connection ended. Empty: nothing failed.
    std::string const& last_failure() const noexcept {
        return last_error_.empty() ? last_failure_ : last_error_;
    }

private:
    enum class phase : std::uint8_t { closed, connecting, connected };
    struct slot {
        std::unique_ptr<stomp_client> client;
        std::uint64_t number = 0;
        bench_clock::time_point due;
        phase is = phase::closed;
    };
    void leave(slot& of);

    worker_context const& context_;
    client_listener& listener_;
    std::vector<slot> clients_;
    std::deque<std::uint32_t> queue_;
    std::size_t under_way_ = 0;
    std::size_t connected_ = 0;
    std::size_t closed_ = 0;  // not by us
    std::string last_failure_;
    std::string last_error_;
    bench_clock::time_point next_slot_ = bench_clock::time_point::min();
};

}  // namespace bench
