#pragma once

#include "bench/client/client_loop.hpp"
#include "bench/measure/thread_meter.hpp"
#include "bench/plan/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// Pages of rooms' history over HTTP, one after the other on a connection and a thread of its own,
// so that the clients' loop does not wait. A page that waits for its turn is late, and its latency
// says so.

namespace bench {

class history_reader {
public:
    history_reader(target const& server, std::string const& authorization);
    ~history_reader();
    history_reader(history_reader const&) = delete;
    history_reader& operator=(history_reader const&) = delete;

    void ask(std::uint64_t room, bench_clock::time_point due);

    struct page {
        bench_clock::time_point due;
        bench_clock::time_point came;
        std::string problem;  // empty: it came
    };
    // Those that came since the last call.
    std::vector<page> take();
    std::size_t open() const;
    // Of its thread, from any thread.
    thread_cost cost() const;

private:
    class work;
    std::unique_ptr<work> work_;
};

}  // namespace bench
