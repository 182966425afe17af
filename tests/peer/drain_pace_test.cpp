#include "broker/drain_pace.hpp"

#include <doctest/doctest.h>

using broker::told_each_second;
using namespace std::chrono_literals;

TEST_CASE("the shards share the node's rate, however low it is") {
    CHECK(told_each_second(1, 2, 5, 15s) == doctest::Approx(5 / 9.0));
    CHECK(told_each_second(1, 2, 0, 15s) == doctest::Approx(0.5));
    CHECK(told_each_second(1, 2, 5, 10min) == doctest::Approx(0.5));
    CHECK(told_each_second(1'000, 4, 100, 30s) == doctest::Approx(250));
}

TEST_CASE("who could not be told in time at that rate is told sooner") {
    for (std::size_t const sessions : {1U, 16U, 29U, 100'000U}) {
        CAPTURE(sessions);
        auto const rate = told_each_second(1, 2, sessions, 15s);
        CHECK(static_cast<double>(sessions) / rate <= doctest::Approx(9));
    }
}
