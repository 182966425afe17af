#include "bench/measure/arrivals.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

using namespace bench;

TEST_CASE("any order of arrival is counted as a set of all numbers would count it") {
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
        std::uint64_t const before = random() % 3 == 0 ? random() % 20 : 0;
        std::uint64_t const sent = before + 1 + random() % 60;
        std::vector<std::uint64_t> stream;
        for (auto n = before + 1; n <= sent; ++n) {
            if (random() % 8 == 0) continue;
            stream.push_back(n);
            if (random() % 8 == 0) stream.push_back(n);
        }
        // From nearly in order to none at all.
        auto const reach = 1 + random() % 30;
        for (std::size_t i = 0; i < stream.size(); ++i) {
            auto const j = std::min(stream.size() - 1, i + random() % reach);
            if (random() % 4 == 0) std::swap(stream[i], stream[j]);
        }

        arrivals tested(before);
        arrival_counts counts;
        std::set<std::uint64_t> seen;
        std::uint64_t highest = before;
        std::uint64_t late = 0;
        std::uint64_t duplicates = 0;
        for (auto const n : stream) {
            arrival expected = arrival::in_order;
            if (!seen.insert(n).second) {
                expected = arrival::duplicate;
                ++duplicates;
            } else if (n < highest) {
                expected = arrival::late;
                ++late;
            } else if (n > highest + 1) {
                expected = arrival::ahead;
            }
            highest = std::max(highest, n);
            auto const got = tested.on(n);
            REQUIRE(got == expected);
            counts.count(got);
        }
        CHECK(tested.highest() == highest);
        CHECK(tested.lost(sent) == sent - before - seen.size());
        CHECK(counts.arrived == seen.size());
        CHECK(counts.duplicates == duplicates);
        CHECK(counts.out_of_order == late);
    }
}

TEST_CASE("what came before the subscription is neither lost nor missing") {
    arrivals stream(10);
    CHECK(stream.on(11) == arrival::in_order);
    CHECK(stream.on(5) == arrival::duplicate);
    CHECK(stream.lost(11) == 0);
    CHECK(stream.lost(14) == 3);
}

TEST_CASE("counts of streams are added") {
    arrival_counts sum{.expected = 1, .arrived = 2, .lost = 3, .duplicates = 4, .out_of_order = 5};
    sum.add(sum);
    CHECK(sum.expected == 2);
    CHECK(sum.arrived == 4);
    CHECK(sum.lost == 6);
    CHECK(sum.duplicates == 8);
    CHECK(sum.out_of_order == 10);
}
