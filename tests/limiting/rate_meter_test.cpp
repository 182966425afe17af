#include "broker/limiting/rate_meter.hpp"

#include "tests/limiting/start.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace broker;
using namespace broker::limiting;
using namespace std::chrono_literals;

namespace {

constexpr rate ten_a_second{.interval = 100ms, .burst = 5};

}  // namespace

TEST_CASE("a burst is free, and what is beyond it waits for the rate") {
    rate_meter meter;
    for (int i = 0; i != 5; ++i) CHECK(meter.take(ten_a_second, start) == 0ns);
    CHECK(meter.take(ten_a_second, start) == 100ms);
    CHECK(meter.take(ten_a_second, start) == 200ms);
    CHECK(meter.take(ten_a_second, start + 200ms) == 100ms);
}

TEST_CASE("what is tried and not allowed takes nothing") {
    rate_meter meter;
    for (int i = 0; i != 5; ++i) CHECK(meter.try_take(ten_a_second, start) == 0ns);
    for (int i = 0; i != 3; ++i) CHECK(meter.try_take(ten_a_second, start) == 100ms);
    CHECK(meter.wait(ten_a_second, start + 40ms) == 60ms);
    CHECK(meter.try_take(ten_a_second, start + 100ms - 1ns) == 1ns);
    CHECK(meter.try_take(ten_a_second, start + 100ms) == 0ns);
}

TEST_CASE("a rest fills the bucket, and not beyond its burst") {
    rate_meter meter;
    CHECK(meter.full(start));
    for (int i = 0; i != 5; ++i) meter.take(ten_a_second, start);
    CHECK_FALSE(meter.full(start + 499ms));
    CHECK(meter.full(start + 500ms));
    for (int i = 0; i != 5; ++i) CHECK(meter.try_take(ten_a_second, start + 1h) == 0ns);
    CHECK(meter.try_take(ten_a_second, start + 1h) == 100ms);
}

TEST_CASE("one that is given back may be taken again") {
    rate_meter meter;
    for (int i = 0; i != 5; ++i) meter.take(ten_a_second, start);
    meter.give_back(ten_a_second);
    CHECK(meter.try_take(ten_a_second, start) == 0ns);
    CHECK(meter.try_take(ten_a_second, start) == 100ms);
}

TEST_CASE("without a rate everything is allowed and nothing is noted") {
    rate_meter meter;
    for (int i = 0; i != 1000; ++i) CHECK(meter.take({}, start) == 0ns);
    CHECK(meter.try_take({}, start) == 0ns);
    CHECK(meter.wait({}, start) == 0ns);
    CHECK(meter.full(start));
}

TEST_CASE("a rate may be exchanged, and a burst of none counts as one") {
    adjustable_rate by;
    CHECK(by.get().off());
    by.set({.interval = 1s, .burst = 0});
    CHECK(by.get() == rate{.interval = 1s, .burst = 1});
}

TEST_CASE("several threads take exactly what there is") {
    rate_meter meter;
    constexpr rate by{.interval = 1s, .burst = 1000};
    std::atomic<int> taken{0};
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n != 500; ++n) taken += meter.try_take(by, start).count() == 0 ? 1 : 0;
        });
    }
    for (auto& each : threads) each.join();
    CHECK(taken == 1000);
}
