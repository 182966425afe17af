#include "bench/client/timer_heap.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <random>
#include <vector>

using namespace bench;

namespace {

using time_point = timer_heap::time_point;

struct recorder : timer {
    void on_time(time_point now) override { called(now); }
    std::function<void(time_point)> called = [](time_point) {};
};

time_point at(int tick) {
    return time_point(std::chrono::milliseconds(tick));
}

}  // namespace

TEST_CASE("timers go off in the order of their deadlines, whatever was moved or taken out") {
    std::mt19937 random(7);
    timer_heap heap;
    std::deque<recorder> timers(200);
    std::vector<int> deadlines(timers.size(), -1);
    std::vector<int> seen;
    for (std::size_t i = 0; i < timers.size(); ++i) {
        timers[i].called = [&, i](time_point) { seen.push_back(deadlines[i]); };
    }
    for (int step = 0; step < 5000; ++step) {
        auto const i = random() % timers.size();
        if (random() % 4 == 0) {
            heap.disarm(timers[i]);
            deadlines[i] = -1;
        } else {
            deadlines[i] = static_cast<int>(random() % 1000);
            heap.arm(timers[i], at(deadlines[i]));
        }
    }
    std::vector<int> expected;
    std::ranges::copy_if(deadlines, std::back_inserter(expected), [](int d) { return d >= 0; });
    std::ranges::sort(expected);
    heap.run(at(499));
    CHECK(std::ranges::all_of(seen, [](int d) { return d <= 499; }));
    heap.run(at(1000));
    CHECK(seen == expected);
    CHECK(heap.empty());
}

TEST_CASE("a timer that goes off may take out and move others that are due") {
    timer_heap heap;
    recorder first;
    recorder second;
    recorder third;
    int seconds = 0;
    int thirds = 0;
    first.called = [&](time_point) {
        heap.disarm(second);
        heap.arm(third, at(50));
    };
    second.called = [&](time_point) { ++seconds; };
    third.called = [&](time_point) { ++thirds; };
    heap.arm(first, at(1));
    heap.arm(second, at(2));
    heap.arm(third, at(3));
    heap.run(at(10));
    CHECK(seconds == 0);
    CHECK(thirds == 0);
    CHECK_FALSE(second.armed());
    CHECK(heap.next() == at(50));
    heap.run(at(50));
    CHECK(thirds == 1);
}

TEST_CASE("a timer that arms itself for the past waits for the next run") {
    timer_heap heap;
    recorder again;
    int calls = 0;
    again.called = [&](time_point) {
        ++calls;
        heap.arm(again, at(0));
    };
    heap.arm(again, at(0));
    heap.run(at(1));
    CHECK(calls == 1);
    heap.disarm(again);
    CHECK(heap.empty());
}
