#include "bench/measure/schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace bench;

namespace {

std::vector<double> all_of(schedule of) {
    std::vector<double> out;
    for (; of.next(); of.advance()) out.push_back(*of.next());
    return out;
}

// How many messages the steps ask for up to a time.
double asked_for(std::vector<load_step> const& steps, double time) {
    double out = 0;
    for (auto const& step : steps) {
        double const within = std::min(time, step.lasts.count());
        double const rate_then = step.from + (step.to - step.from) * within / step.lasts.count();
        out += (step.from + rate_then) / 2 * within;
        time -= within;
        if (time <= 0) break;
    }
    return out;
}

std::vector<load_step> const uneven{
    {0, 0, seconds(0.5)},  {100, 100, seconds(1)},    {100, 900, seconds(2)},  {900, 0, seconds(1)},
    {0, 0, seconds(0.25)}, {50, 50.0001, seconds(1)}, {7.5, 7.5, seconds(0.9)}};

}  // namespace

TEST_CASE("a steady rate is spaced evenly from the start, and ends before its end") {
    auto const times = all_of(schedule({{200, 200, seconds(3)}}));
    REQUIRE(times.size() == 600);
    for (std::size_t i = 0; i < times.size(); ++i) {
        CHECK(times[i] == doctest::Approx(static_cast<double>(i) / 200));
    }
    CHECK(times.back() < 3);
}

TEST_CASE("ramps and steps ask for as many messages as the integral of their rate") {
    auto const times = all_of(schedule(uneven));
    CHECK(times.size() == static_cast<std::size_t>(std::ceil(asked_for(uneven, 100))));
    CHECK(std::ranges::is_sorted(times));
    // Message number i is due when i messages have been asked for.
    for (std::size_t i = 0; i < times.size(); ++i) {
        CHECK(std::abs(asked_for(uneven, times[i]) - static_cast<double>(i)) < 1e-3);
    }
}

TEST_CASE("the parts of a schedule add up to the whole") {
    auto const whole = all_of(schedule(uneven));
    for (std::size_t const parts : {1U, 2U, 3U, 7U}) {
        // Unequal ones: 1, 2, 3 ... of the senders.
        std::size_t const senders = parts * (parts + 1) / 2;
        std::vector<double> sum;
        for (std::size_t part = 0, first = 0; part < parts; first += ++part) {
            auto const some = all_of(schedule(uneven, first, part + 1, senders));
            sum.insert(sum.end(), some.begin(), some.end());
        }
        std::ranges::sort(sum);
        CHECK(sum == whole);
    }
}

TEST_CASE("senders take turns") {
    // Of five, the second and the third.
    auto const times = all_of(schedule({{10, 10, seconds(1)}}, 1, 2, 5));
    REQUIRE(times.size() == 4);
    CHECK(times[0] == doctest::Approx(0.1));
    CHECK(times[1] == doctest::Approx(0.2));
    CHECK(times[2] == doctest::Approx(0.6));
    CHECK(times[3] == doctest::Approx(0.7));
}

TEST_CASE("steps without time or without a rate ask for nothing") {
    CHECK(all_of(schedule({})).empty());
    CHECK(all_of(schedule({{100, 100, seconds(0)}, {0, 0, seconds(5)}})).empty());
    CHECK(all_of(schedule({{0, 0, seconds(0)}, {10, 10, seconds(1)}})).size() == 10);
}

TEST_CASE("what is asked for between two times is what is due then") {
    auto const times = all_of(schedule(uneven));
    for (double from = 0; from < 6; from += 0.3) {
        for (double to = from; to < 7; to += 0.7) {
            auto const due = std::ranges::count_if(
                times, [&](double when) { return when >= from && when < to; });
            CHECK(std::abs(messages_between(uneven, from, to) - static_cast<double>(due)) <= 1);
        }
    }
    CHECK(messages_between({{0, 2000, seconds(2)}}, 0, 1) == doctest::Approx(500));
    CHECK(messages_between({{0, 2000, seconds(2)}}, 1, 2) == doctest::Approx(1500));
    CHECK(messages_between({{0, 0, seconds(0)}, {10, 10, seconds(1)}}, 0, 9) == 10);
    CHECK(messages_between({}, 0, 1) == 0);
}
