#pragma once

#include "bench/client/stomp_client.hpp"
#include "bench/measure/arrival_book.hpp"
#include "bench/measure/receipt_book.hpp"
#include "bench/measure/schedule.hpp"
#include "bench/measure/stamp.hpp"
#include "bench/scenario/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The senders of one thread: at the times of a schedule, or at full load, each with so many
// messages on their way.

namespace bench {

struct publisher {
    stomp_client* client;
    std::string destination;
    stamped_text body;
    arrival_book on_way;
    std::uint64_t sent = 0;  // the number of the last message
    receipt_book waiting = {};
    bool moved = true;  // an answer came since the last tick
    bench_clock::time_point last_move = {};
    bool away = false;                              // see hold()
    std::vector<bench_clock::time_point> due = {};  // while it is away
};

class publishers {
public:
    explicit publishers(worker_context const& context) : context_(context) {}

    // Answers its place. `number`: in stamps, over all threads, counts on from the first one added.
    std::size_t add(publisher added, std::uint32_t number);
    publisher& at(std::size_t place) { return all_[place]; }
    publisher const& at(std::size_t place) const { return all_[place]; }
    // The place of the publisher that a stamp names; size() when it is not one of ours.
    std::size_t place_of(stamp const& seen) const noexcept;
    std::size_t size() const noexcept { return all_.size(); }

    // `all`: publishers, over all threads.
    void begin(bench_clock::time_point start, std::size_t all);
    // Sends what is due, or what the windows allow; when to call again.
    bench_clock::time_point tick(bench_clock::time_point now);
    // Sends one message at once.
    void send(std::size_t place, bench_clock::time_point due, bench_clock::time_point now);
    // What is due is kept until the publisher is back, and then sent at once.
    void hold(std::size_t place) { all_[place].away = true; }
    void release(std::size_t place, bench_clock::time_point now);
    // Kept for publishers that are away.
    std::uint64_t held() const noexcept;
    // A message with the number 0, which no account is kept of: is the way open?
    void probe(std::size_t place);

    // At one reader, for the first time.
    void on_arrival(std::size_t place, std::uint64_t number) {
        all_[place].on_way.on(number);
        all_[place].moved = true;
    }
    // False when nobody waits for this receipt.
    bool on_receipt(std::size_t place, std::string_view receipt);

    bool settled() const noexcept;
    // Times that a publisher's window got no answer for 2 s and was given up.
    std::uint64_t stalls() const noexcept { return stalls_; }
    // Those that were asked for and have not come.
    std::uint64_t missing_receipts() const noexcept;

private:
    bench_clock::time_point tick_schedule(bench_clock::time_point now);
    bench_clock::time_point tick_windows(bench_clock::time_point now);
    // `possible`: from when on it is the bench's own fault that it was not sent.
    void send_since(std::size_t place, bench_clock::time_point due,
                    bench_clock::time_point possible, bench_clock::time_point now);
    void give_up_window(publisher& of);

    worker_context const& context_;
    std::vector<publisher> all_;
    std::uint32_t first_number_ = 0;
    bench_clock::time_point start_ = bench_clock::time_point::max();
    schedule due_{{}};
    std::size_t next_ = 0;
    std::uint64_t stalls_ = 0;
    std::uint64_t given_up_receipts_ = 0;
};

}  // namespace bench
