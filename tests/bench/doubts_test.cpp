#include "bench/run/doubts.hpp"
#include "bench/measure/stolen_time.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace bench;

TEST_CASE("a thread that used more than nine tenths of its core may be the bottleneck") {
    CHECK_FALSE(doubt_of_thread("thread 1", {.used = 8.9}, 10));
    auto const told = doubt_of_thread("thread 1", {.used = 9.5}, 10);
    REQUIRE(told);
    CHECK(told->starts_with("the bench's thread 1 used 95 % of its core"));
}

TEST_CASE("what a thread waited for its core is no rest") {
    // Half a core was all that the others left it, and it used all of that.
    CHECK(doubt_of_thread("thread 1", {.used = 5, .waited = 5}, 10));
    CHECK_FALSE(doubt_of_thread("thread 1", {.used = 4, .waited = 5}, 10));
    CHECK_FALSE(doubt_of_thread("thread 1", {.used = 0, .waited = 10}, 10));
}

TEST_CASE("of all threads, those are named that were busy between the two moments") {
    // Two workers, each with a reader of history.
    std::vector<thread_cost> const before{{.used = 50}, {}, {.used = 1}, {.used = 2, .waited = 3}};
    std::vector<thread_cost> const after{
        {.used = 55}, {}, {.used = 10.5}, {.used = 7, .waited = 8}};
    auto const told = doubts_of_threads(before, after, 10);
    REQUIRE(told.size() == 2);
    CHECK(told[0].starts_with("the bench's thread 2 used 95 % of its core"));
    CHECK(told[1].starts_with("the bench's reader of history, of thread 2 used 100 % of its core"));
    CHECK(doubts_of_threads(before, before, 10).empty());
}

TEST_CASE("what the machine's host took is told above one percent of all processors") {
    CHECK_FALSE(doubt_of_steal(0, 2));
    CHECK_FALSE(doubt_of_steal(0.02, 2));
    auto const told = doubt_of_steal(0.021, 2);
    REQUIRE(told);
    CHECK(told->starts_with("the machine's host took 1.1 % of its processors' time"));
}

TEST_CASE("of the machine's line the eighth number is what was stolen, in ticks") {
    CHECK(stolen_in("cpu  145077 0 22093 64966 751 0 354 3149 0 0", 100) == 31.49);
    CHECK(stolen_in("cpu 1 2 3 4 5 6 7 8", 100) == 0.08);
    CHECK_FALSE(stolen_in("cpu 1 2 3 4 5 6 7", 100));  // older than steal
    CHECK_FALSE(stolen_in("cpu0 1 2 3 4 5 6 7 8", 100));
    CHECK_FALSE(stolen_in("cpu a b c d e f g h", 100));
    CHECK_FALSE(stolen_in("", 100));
    CHECK(stolen_seconds().value_or(-1) >= 0);
}

TEST_CASE("one percent of messages more than a millisecond late is told, and less is not") {
    histogram lag;
    for (int i = 0; i < 980; ++i) lag.add(1000);
    CHECK_FALSE(doubt_of_lag({}));
    CHECK_FALSE(doubt_of_lag(lag));
    for (int i = 0; i < 20; ++i) lag.add(50'000'000);
    auto const told = doubt_of_lag(lag);
    REQUIRE(told);
    CHECK(told->find("1 % of the messages more than 50") != std::string::npos);
}

TEST_CASE("a thread's cost is told while it runs and after it ended") {
    thread_meter meter;
    CHECK(meter.so_far().used == 0);
    std::atomic<bool> may_end = false;
    std::thread works([&] {
        meter.begin();
        while (!may_end) {
        }
        meter.end();
    });
    while (meter.so_far().used < 0.02) std::this_thread::yield();
    may_end = true;
    works.join();
    auto const all = meter.so_far();
    CHECK(all.used >= 0.02);
    CHECK(all.waited >= 0);
    CHECK((all - all).used == 0);
}
