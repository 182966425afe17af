#include "bench/run/recorder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

using namespace bench;
using namespace std::chrono_literals;

namespace {

bench_clock::time_point const start = bench_clock::time_point(1000s);

// A warm-up of a second, then two that are measured.
struct recording : recorder {
    recording() { begin(start, 1s, start + 3s); }
    histogram const& latencies(latency kind) const {
        return all().latencies[static_cast<std::size_t>(kind)];
    }
};

}  // namespace

TEST_CASE("a thing counts in the second in which it happened") {
    recording record;
    record.sent(start + 100ms, start + 100ms);
    record.delivered(start + 200ms);
    record.delivered(start + 1200ms);
    record.receipt(start + 1300ms);
    record.connected(start + 3500ms);
    record.error("wrong", start + 3600ms);
    record.pass(start + 4s);

    auto const seconds = record.seconds_from(0);
    REQUIRE(seconds.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) CHECK(seconds[i].at == static_cast<double>(i));
    CHECK(seconds[0].warm_up);
    CHECK_FALSE(seconds[1].warm_up);
    CHECK(seconds[0].sent == 1);
    CHECK(seconds[0].delivered == 1);
    CHECK(seconds[1].delivered == 1);
    CHECK(seconds[1].receipts == 1);
    CHECK(seconds[2].delivered == 0);
    CHECK(seconds[3].connects == 1);
    CHECK(seconds[3].errors == 1);
    CHECK(record.seconds_from(3).size() == 1);
    CHECK(record.seconds_from(9).empty());
}

TEST_CASE("the measured time cuts seconds off where it begins and ends") {
    recorder record;
    record.begin(start, 1200ms, start + 2700ms);
    for (auto when = 50ms; when < 3s; when += 100ms) record.sent(start + when, start + when);
    record.close(start + 3s);

    auto const seconds = record.seconds_from(0);
    REQUIRE(seconds.size() == 5);
    constexpr double at[] = {0, 1, 1.2, 2.2, 2.7};
    constexpr double lasted[] = {1, 0.2, 1, 0.5, 0.3};
    constexpr std::uint64_t sent[] = {10, 2, 10, 5, 3};
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(seconds[i].at == doctest::Approx(at[i]));
        CHECK(seconds[i].lasted == doctest::Approx(lasted[i]));
        CHECK(seconds[i].sent == sent[i]);
        CHECK(seconds[i].warm_up == (i < 2));
        CHECK(seconds[i].settling == (i == 4));
    }
    CHECK(seconds[2].sent + seconds[3].sent == record.all().sent);
}

TEST_CASE("a second that was broken off lasted as long as it did") {
    recording record;
    record.close(start + 1115ms);
    auto const seconds = record.seconds_from(0);
    REQUIRE(seconds.size() == 2);
    CHECK(seconds[0].lasted == 1);
    CHECK(seconds[1].lasted == doctest::Approx(0.115));

    // What ends with a second leaves none that is empty.
    recording whole;
    whole.close(start + 1s);
    CHECK(whole.seconds_from(0).size() == 1);
    recording early;
    early.close(start - 10ms);
    CHECK(early.seconds_from(0).empty());
}

TEST_CASE("only what happened in the measured time is in the sums") {
    recording record;
    for (auto const when : {0ms, 999ms, 1000ms, 2999ms, 3000ms, 3100ms}) {
        record.sent(start + when, start + when);
        record.delivered(start + when);
        record.receipt(start + when);
        record.connected(start + when);
    }
    CHECK(record.all().sent == 2);
    CHECK(record.all().delivered == 2);
    CHECK(record.all().receipts == 2);
    CHECK(record.all().connects == 2);
}

TEST_CASE("a latency belongs to when it was due, and is shown when it ended") {
    recording record;
    record.took(latency::delivery, start + 900ms, start + 1100ms);   // due in the warm-up
    record.took(latency::delivery, start + 2900ms, start + 5200ms);  // came after the end
    record.took(latency::connect, start + 1500ms, start + 1600ms);
    record.pass(start + 6s);

    CHECK(record.latencies(latency::delivery).count() == 1);
    CHECK(record.latencies(latency::delivery).max() == 2'300'000'000);
    CHECK(record.latencies(latency::connect).max() == 100'000'000);
    auto const seconds = record.seconds_from(0);
    CHECK(seconds[1].delivery.max() == 200'000'000);
    CHECK(seconds[5].delivery.max() == 2'300'000'000);
}

TEST_CASE("how late the bench itself was is told apart") {
    recording record;
    record.sent(start + 500ms, start + 700ms);  // not measured
    record.sent(start + 1500ms, start + 1503ms);
    record.sent(start + 2999ms, start + 3004ms);  // due in time, sent after the end
    CHECK(record.all().lag.count() == 2);
    CHECK(record.all().lag.max() == 5'000'000);
    CHECK(record.all().sent == 1);
}

TEST_CASE("errors are counted by text") {
    recording record;
    record.error("a", start);
    record.error("b", start);
    record.error("a", start + 5s);
    CHECK(record.all().errors.at("a") == 2);
    CHECK(record.all().errors.at("b") == 1);
}

TEST_CASE("what came before the load is forgotten, but not who is there") {
    recorder record;
    record.session_opened();
    record.session_opened();
    record.session_closed();
    record.took(latency::connect, start - 2s, start - 1s);
    record.error("early", start - 1s);
    record.begin(start, 0s, start + 1s);
    CHECK(record.all().errors.empty());
    record.close(start + 1s);
    auto const seconds = record.seconds_from(0);
    REQUIRE(seconds.size() == 1);
    CHECK(seconds[0].sessions == 1);
    CHECK(seconds[0].errors == 0);
}

TEST_CASE("of the sessions of all threads a second has the most that were there at once") {
    session_count all;
    recorder one(&all);
    recorder other(&all);
    one.session_opened();
    for (auto* each : {&one, &other}) each->begin(start, 0s, start + 3s);
    one.session_opened();
    other.session_opened();
    one.session_closed();
    other.session_closed();
    other.session_opened();
    for (auto* each : {&one, &other}) each->pass(start + 1s);
    one.session_closed();
    for (auto* each : {&one, &other}) each->pass(start + 3s);

    CHECK(all.now() == 1);
    auto const seen = one.seconds_from(0);
    REQUIRE(seen.size() == 3);
    CHECK(std::max(seen[0].sessions, other.seconds_from(0)[0].sessions) == 3);
    CHECK(seen[1].sessions == 2);  // who was there when it began
    CHECK(seen[2].sessions == 1);
}
