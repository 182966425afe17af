#include "bench/measure/histogram.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

using namespace bench;

namespace {

// Evenly over the orders of magnitude.
std::int64_t any_duration(std::mt19937_64& random) {
    return static_cast<std::int64_t>((random() >> 1) >> (random() % 63));
}

bool within(std::int64_t got, std::int64_t exact) {
    // Never too small, and at most 1/128 too great.
    return got >= exact && got - exact <= exact / 128;
}

}  // namespace

TEST_CASE("every quantile is within 1/128 of the exact one, over the whole range") {
    std::mt19937_64 random(1);
    for (int round = 0; round < 50; ++round) {
        histogram all;
        std::vector<std::int64_t> exact;
        auto const count = 1 + random() % 500;
        double sum = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            exact.push_back(any_duration(random));
            all.add(exact.back());
            sum += static_cast<double>(exact.back());
        }
        std::ranges::sort(exact);
        CHECK(all.count() == count);
        CHECK(all.min() == exact.front());
        CHECK(all.max() == exact.back());
        CHECK(all.mean() == doctest::Approx(sum / static_cast<double>(count)));
        for (double const q : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
            auto const rank = std::clamp<std::uint64_t>(
                static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count))), 1, count);
            REQUIRE(within(all.at(q), exact[rank - 1]));
        }
        CHECK(all.at(1) == exact.back());
    }
}

TEST_CASE("small durations are exact, and the ends of the range are counted") {
    for (std::int64_t value = 0; value <= 256; ++value) {
        histogram one;
        one.add(value);
        one.add(1'000'000);
        REQUIRE(one.at(0.5) == (value == 256 ? 257 : value));
    }
    histogram ends;
    ends.add(-5);
    ends.add(std::numeric_limits<std::int64_t>::max());
    CHECK(ends.min() == 0);
    CHECK(ends.at(0.5) == 0);
    CHECK(ends.at(1) == std::numeric_limits<std::int64_t>::max());
    CHECK(ends.count() == 2);
}

TEST_CASE("neighbours on both sides of each power of two keep their order") {
    for (int bit = 0; bit < 63; ++bit) {
        auto const power = std::int64_t{1} << bit;
        for (std::int64_t const value : {power - 1, power, power + 1}) {
            histogram one;
            one.add(value);
            one.add(std::numeric_limits<std::int64_t>::max());
            CAPTURE(value);
            REQUIRE(within(one.at(0.5), value));
        }
    }
}

TEST_CASE("histograms added together are the histogram of all") {
    std::mt19937_64 random(2);
    histogram sum;
    histogram all;
    for (int part = 0; part < 10; ++part) {
        histogram one;
        for (std::uint64_t i = random() % 100; i > 0; --i) {
            auto const value = any_duration(random);
            auto const times = random() % 3;
            one.add(value, times);
            all.add(value, times);
        }
        sum.add(one);
    }
    CHECK(sum.count() == all.count());
    CHECK(sum.min() == all.min());
    CHECK(sum.max() == all.max());
    CHECK(sum.mean() == doctest::Approx(all.mean()));
    auto const got = sum.steps();
    auto const expected = all.steps();
    REQUIRE(got.size() == expected.size());
    std::uint64_t values = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        CHECK(got[i].up_to == expected[i].up_to);
        CHECK(got[i].values == expected[i].values);
        if (i > 0) CHECK(got[i - 1].up_to < got[i].up_to);
        values += got[i].values;
    }
    CHECK(values == all.count());
}

TEST_CASE("an empty histogram says 0 and changes nothing") {
    histogram none;
    CHECK(none.count() == 0);
    CHECK(none.at(0.5) == 0);
    CHECK(none.min() == 0);
    CHECK(none.mean() == 0);
    CHECK(none.steps().empty());
    histogram one;
    one.add(5);
    one.add(none);
    CHECK(one.min() == 5);
    none.add(one);
    CHECK(none.at(0.5) == 5);
    none.clear();
    CHECK(none.count() == 0);
}
