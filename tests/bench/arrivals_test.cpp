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

TEST_CASE("what is sent while a reader is away is not lost, and may come nevertheless") {
    arrivals tested(0);
    for (std::uint64_t n : {1, 2, 4}) tested.on(n);  // 3 is owed
    tested.leave();
    CHECK(tested.on(5) == arrival::in_order);  // was on its way
    CHECK(tested.lost(9) == 1);
    CHECK(tested.excused(9) == 4);
    tested.back(9);  // 6 to 9 were sent meanwhile
    CHECK(tested.lost(9) == 1);
    CHECK(tested.lost(12) == 4);  // 10, 11 and 12, too
    CHECK(tested.on(8) == arrival::ahead);
    CHECK(tested.on(11) == arrival::ahead);
    CHECK(tested.lost(12) == 3);     // 3, 10 and 12
    CHECK(tested.excused(12) == 3);  // 6, 7 and 9
    CHECK(tested.on(7) == arrival::late);
    CHECK(tested.on(7) == arrival::duplicate);
    CHECK(tested.on(10) == arrival::late);
    CHECK(tested.on(12) == arrival::in_order);
    CHECK(tested.lost(12) == 1);
    CHECK(tested.excused(12) == 2);
}

TEST_CASE("of a stream whose end is not known, what is owed again begins with the next number") {
    arrivals tested(0);
    tested.on(1);
    tested.leave();
    tested.on(3);
    tested.back_at_next();
    CHECK(tested.lost(tested.highest()) == 0);
    tested.on(7);
    tested.on(9);
    CHECK(tested.lost(tested.highest()) == 1);     // 8
    CHECK(tested.excused(tested.highest()) == 4);  // 2, 4, 5 and 6
    // Who leaves again before anything came is away, and not back.
    tested.leave();
    tested.back_at_next();
    tested.leave();
    tested.on(20);
    tested.on(25);
    CHECK(tested.lost(tested.highest()) == 1);
}

TEST_CASE("gaps that nobody is charged with are split as others are") {
    arrivals tested(0);
    tested.leave();
    tested.on(10);
    tested.back(10);
    for (std::uint64_t n : {5, 1, 9}) CHECK(tested.on(n) == arrival::late);
    CHECK(tested.excused(10) == 6);
    CHECK(tested.lost(10) == 0);
}
