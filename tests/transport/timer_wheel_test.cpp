#include "broker/transport/timer_wheel.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

using namespace std::chrono_literals;
using broker::steady_time;
using broker::transport::timed;
using broker::transport::timer_wheel;

namespace {

struct bell final : timed {
    std::function<void(steady_time)> act;
    int rung = 0;
    void on_deadline(steady_time now) override {
        ++rung;
        if (act) act(now);
    }
};

steady_time const start = steady_time(1000s);

}  // namespace

TEST_CASE("a deadline is called back at its time, never before, at most a tick later") {
    for (auto const wait : {0ms, 1ms, 99ms, 100ms, 101ms, 250ms, 5'000ms, 102'400ms, 300'000ms}) {
        timer_wheel wheel(start);
        bell one;
        wheel.set(one, start + wait);
        wheel.advance(start + wait - 1ms);
        CHECK(one.rung == 0);
        wheel.advance(start + wait + timer_wheel::tick);
        CHECK(one.rung == 1);
        CHECK(wheel.empty());
    }
}

TEST_CASE("a deadline beyond one turn of the wheel waits for its own turn") {
    timer_wheel wheel(start);
    bell far;
    wheel.set(far, start + 250s);
    for (auto now = start; now < start + 250s; now += 100ms) wheel.advance(now);
    CHECK(far.rung == 0);
    wheel.advance(start + 250s + 100ms);
    CHECK(far.rung == 1);
}

TEST_CASE("setting again replaces, cancelling and destroying forget") {
    timer_wheel wheel(start);
    bell moved;
    bell cancelled;
    auto destroyed = std::make_unique<bell>();
    wheel.set(moved, start + 1s);
    wheel.set(cancelled, start + 1s);
    wheel.set(*destroyed, start + 1s);
    CHECK(wheel.size() == 3);

    wheel.set(moved, start + 2s);
    wheel.cancel(cancelled);
    wheel.cancel(cancelled);
    destroyed.reset();
    CHECK(wheel.size() == 1);

    wheel.advance(start + 1500ms);
    CHECK(moved.rung == 0);
    wheel.advance(start + 2100ms);
    CHECK(moved.rung == 1);
    CHECK(cancelled.rung == 0);
}

TEST_CASE(
    "a callback may set itself again, also to a time that has passed, without an endless loop") {
    timer_wheel wheel(start);
    bell again;
    again.act = [&](steady_time now) { wheel.set(again, now - 5s); };
    wheel.set(again, start + 100ms);
    wheel.advance(start + 100ms);
    CHECK(again.rung == 1);
    wheel.advance(start + 200ms);
    CHECK(again.rung == 2);
}

TEST_CASE("a callback may cancel and destroy others that are due in the same tick") {
    timer_wheel wheel(start);
    std::vector<std::unique_ptr<bell>> all;
    int rung = 0;
    for (int i = 0; i < 8; ++i) {
        all.push_back(std::make_unique<bell>());
        all.back()->act = [&](steady_time) {
            ++rung;
            // The first one that rings takes all others with it.
            for (auto& one : all) {
                if (one != nullptr && one->rung == 0) one.reset();
            }
        };
        wheel.set(*all.back(), start + 1s);
    }
    wheel.advance(start + 2s);
    CHECK(rung == 1);
    CHECK(wheel.empty());
}

TEST_CASE("after a long pause everything due is called back once") {
    timer_wheel wheel(start);
    std::vector<bell> all(2000);
    for (std::size_t i = 0; i < all.size(); ++i) wheel.set(all[i], start + i * 100ms);
    wheel.advance(start + 10min);
    for (auto const& one : all) CHECK(one.rung == 1);
    CHECK(wheel.empty());
}

TEST_CASE("a deadline that never comes is kept, and the wheel may end before its entries") {
    bell never;
    {
        timer_wheel wheel(start);
        wheel.set(never, steady_time::max());
        wheel.advance(start + 24h);
        CHECK(never.rung == 0);
        CHECK(wheel.size() == 1);
    }
}
