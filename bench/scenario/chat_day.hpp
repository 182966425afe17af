#pragma once

#include "bench/scenario/history_reader.hpp"
#include "bench/scenario/publishers.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

// What people in rooms do, mixed: of 100 actions so many as the plan's turnover says are somebody
// who leaves or comes back; of 100 of the others 60 are messages, 25 tell that one types, 10 that
// one has read, and 5 ask for a page of history over HTTP. The schedule's rate is that of all
// actions; they come in the same order in each run. Who is away does nothing: the next one has the
// turn. At most a tenth of a thread's people are away, and one of several at least is there.

namespace bench {

class chat_day {
public:
    // What somebody's leaving and coming back is made of.
    struct movements {
        std::function<void(stomp_client const&)> leave;
        std::function<void(stomp_client const&)> come_back;
    };
    // Both outlive it.
    chat_day(worker_context const& context, publishers& senders, movements how);

    struct person {
        std::uint64_t room;
        std::uint64_t user;
        std::uint64_t last_seen = 0;  // seq
        bool here = true;
    };
    // In the order of the senders' places.
    void add(person added) { people_.push_back(added); }
    void saw(std::size_t place, std::uint64_t seq) { people_[place].last_seen = seq; }

    // Who came back has arrived.
    void is_back(std::size_t place) {
        people_[place].here = true;
        --missing_;
    }

    // `first`: the number of our first person among `all`, over all threads.
    void begin(bench_clock::time_point start, std::size_t first, std::size_t all);
    bench_clock::time_point tick(bench_clock::time_point now);
    void take_history();
    thread_cost cost() const { return history_.cost(); }  // of who reads history
    bool settled() const { return history_.open() == 0; }
    void finish(run_result& into) const;

private:
    void come_or_go(std::size_t place, bench_clock::time_point due);
    void act(std::size_t place, bench_clock::time_point due, bench_clock::time_point now);

    worker_context const& context_;
    publishers& senders_;
    std::vector<person> people_;
    history_reader history_;
    bench_clock::time_point start_;
    schedule due_{{}};
    movements how_;
    std::deque<std::size_t> away_;  // who may come back, by place, the longest away first
    std::size_t missing_ = 0;       // who is not there, or not yet again
    std::uint64_t turns_ = 0;
    std::uint64_t actions_ = 0;  // but for those of coming and going
    std::uint64_t left_ = 0;     // in the measured time, as the next one
    std::uint64_t came_ = 0;
    std::size_t next_ = 0;
};

}  // namespace bench
