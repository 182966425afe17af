#pragma once

#include "bench/scenario/history_reader.hpp"
#include "bench/scenario/publishers.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

// What people in rooms do, mixed: of 100 actions 60 are messages, 25 tell that one types, 10 that
// one has read, and 5 ask for a page of history over HTTP. The schedule's rate is that of all
// actions; they come in the same order in each run.

namespace bench {

class chat_day {
public:
    // Both outlive it.
    chat_day(worker_context const& context, publishers& senders);

    struct person {
        std::uint64_t room;
        std::uint64_t user;
        std::uint64_t last_seen = 0;  // seq
    };
    // In the order of the senders' places.
    void add(person added) { people_.push_back(added); }
    void saw(std::size_t place, std::uint64_t seq) { people_[place].last_seen = seq; }

    // `first`: the number of our first person among `all`, over all threads.
    void begin(bench_clock::time_point start, std::size_t first, std::size_t all);
    bench_clock::time_point tick(bench_clock::time_point now);
    void take_history();
    thread_cost cost() const { return history_.cost(); }  // of who reads history
    bool settled() const { return history_.open() == 0; }

private:
    void act(std::size_t place, bench_clock::time_point due, bench_clock::time_point now);

    worker_context const& context_;
    publishers& senders_;
    std::vector<person> people_;
    history_reader history_;
    bench_clock::time_point start_;
    schedule due_{{}};
    std::uint64_t actions_ = 0;
    std::size_t next_ = 0;
};

}  // namespace bench
