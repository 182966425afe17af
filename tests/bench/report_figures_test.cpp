#include "bench/report/figures.hpp"
#include "tests/bench/report_sample.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace bench;

namespace {

double value_of(run_result const& result, std::string_view name) {
    figure const* found = result.find(name);
    REQUIRE_MESSAGE(found, name);
    return found->value;
}

run_result loaded() {
    run_result result;
    result.load.seconds = 10;
    result.load.sent = 1000;
    result.load.delivered = 20'000;
    result.arrivals.expected = 20'000;
    result.arrivals.arrived = 19'998;
    result.arrivals.lost = 2;
    return result;
}

}  // namespace

TEST_CASE("rates are what was counted in the measured time, over it") {
    run_result result = loaded();
    result.load.receipts = 500;
    result.load.offered = 1200;
    add_figures(result);
    CHECK(value_of(result, "sent_rate") == 100);
    CHECK(value_of(result, "delivered_rate") == 2000);
    CHECK(value_of(result, "receipt_rate") == 50);
    CHECK(value_of(result, "offered_rate") == 120);
    CHECK(value_of(result, "lost") == 2);
}

TEST_CASE("what was not measured is no figure, and what was measured as none is 0") {
    run_result result = loaded();
    add_figures(result);
    for (char const* name :
         {"server_cpu", "cpu_per_delivery", "pss", "pss_per_session", "bench_cpu", "delivery_p50",
          "lag_p99", "receipt_rate", "connect_rate", "offered_rate", "room_lost"}) {
        CHECK_MESSAGE(result.find(name) == nullptr, name);
    }
    CHECK(value_of(result, "duplicates") == 0);
    CHECK(value_of(result, "errors") == 0);

    run_result nothing_came = loaded();
    nothing_came.load.delivered = 0;
    add_figures(nothing_came);
    CHECK(value_of(nothing_came, "delivered_rate") == 0);
    CHECK(value_of(nothing_came, "delivered") == 0);

    run_result idle;
    add_figures(idle);
    CHECK(idle.find("lost") == nullptr);
    CHECK(idle.find("sent_rate") == nullptr);
}

TEST_CASE("nothing is 0 where it was looked for") {
    run_result result;
    result.load.seconds = 10;
    result.does = {.sends = true, .delivers = true, .asks_receipts = true, .connects = true};
    result.opening = {.seconds = 1, .connects = 10};
    add_figures(result);
    for (char const* name : {"sent", "sent_rate", "delivered", "delivered_rate", "receipt_rate",
                             "connect_rate", "sessions"}) {
        CHECK_MESSAGE(value_of(result, name) == 0, name);
    }
    CHECK(result.find("cpu_per_message") == nullptr);

    run_result broken_off_before_it;
    broken_off_before_it.does.sends = true;
    add_figures(broken_off_before_it);
    CHECK(broken_off_before_it.find("sent") == nullptr);
    CHECK(broken_off_before_it.find("sent_rate") == nullptr);
}

TEST_CASE("costs are the server's CPU over what it did meanwhile") {
    run_result result = loaded();
    result.load.server_cpu_seconds = 0.5;
    result.load.bench_cpu_seconds = 8;
    result.opening = {.seconds = 2, .connects = 4000, .server_cpu_seconds = 0.4};
    add_figures(result);
    CHECK(value_of(result, "server_cpu") == doctest::Approx(0.05));
    CHECK(value_of(result, "cpu_per_delivery") == doctest::Approx(25));
    CHECK(value_of(result, "cpu_per_message") == doctest::Approx(500));
    CHECK(value_of(result, "bench_cpu") == doctest::Approx(0.8));
    CHECK(value_of(result, "connect_rate") == 2000);
    CHECK(value_of(result, "cpu_per_connect") == doctest::Approx(100));
}

TEST_CASE("cores are CPU over the time in which it was used") {
    run_result result = loaded();
    result.load.watched_seconds = 20;
    result.load.server_cpu_seconds = 10;
    result.load.bench_cpu_seconds = 20;
    result.load.stolen_seconds = 1;
    add_figures(result);
    CHECK(value_of(result, "server_cpu") == 0.5);
    CHECK(value_of(result, "bench_cpu") == 1);
    CHECK(value_of(result, "machine_steal") == 0.05);
    CHECK(value_of(result, "sent_rate") == 100);
}

TEST_CASE("connects count where they are the load") {
    run_result churn;
    churn.opening = {.seconds = 1, .connects = 10};
    churn.load = {.seconds = 4, .connects = 8000, .server_cpu_seconds = 0.8};
    churn.does.connects = true;
    add_figures(churn);
    CHECK(value_of(churn, "connect_rate") == 2000);
    CHECK(value_of(churn, "cpu_per_connect") == doctest::Approx(100));
}

TEST_CASE("memory is the most that was seen, and per session what the sessions added") {
    run_result result;
    result.pss_before = 10 << 20;
    result.pss_opened = 12 << 20;
    result.sessions_opened = 1024;
    result.seconds.resize(2);
    result.seconds[1].server_bytes = 16 << 20;
    add_figures(result);
    CHECK(value_of(result, "pss") == 16);
    CHECK(value_of(result, "pss_per_session") == 2);
}

TEST_CASE("a server that did not grow tells nothing about the memory of a session") {
    run_result result;
    result.pss_before = 12 << 20;
    result.pss_opened = 11 << 20;
    result.sessions_opened = 10;
    add_figures(result);
    CHECK(value_of(result, "pss") == 11);
    CHECK(result.find("pss_per_session") == nullptr);
}

TEST_CASE("what was seen of a server that could not be watched to the end is no figure") {
    run_result gone = loaded();
    gone.load.server_cpu_seconds = 0.5;
    gone.load.bench_cpu_seconds = 1;
    gone.opening = {.seconds = 2, .connects = 4000, .server_cpu_seconds = 0.4};
    gone.pss_before = 10 << 20;
    gone.pss_opened = 12 << 20;
    gone.sessions_opened = 1024;
    run_result unreadable = gone;
    gone.server_cpu_is_whole = gone.server_memory_is_whole = false;
    unreadable.server_memory_is_whole = false;
    add_figures(gone);
    add_figures(unreadable);
    for (char const* name :
         {"server_cpu", "cpu_per_delivery", "cpu_per_message", "cpu_per_connect"}) {
        CHECK_MESSAGE(gone.find(name) == nullptr, name);
        CHECK_MESSAGE(unreadable.find(name) != nullptr, name);
    }
    for (char const* name : {"pss", "pss_per_session"}) {
        CHECK_MESSAGE(gone.find(name) == nullptr, name);
        CHECK_MESSAGE(unreadable.find(name) == nullptr, name);
    }
    CHECK(gone.find("bench_cpu") != nullptr);
}

TEST_CASE("latencies are in milliseconds, each kind that has values") {
    run_result result;
    for (int i = 1; i <= 1000; ++i) result.latencies[latency::round_trip].add(i * 1000);
    result.latencies[latency::history] = {};
    add_figures(result);
    CHECK(value_of(result, "round_trip_p50") == doctest::Approx(0.5).epsilon(0.01));
    CHECK(value_of(result, "round_trip_p999") == doctest::Approx(0.999).epsilon(0.01));
    CHECK(value_of(result, "round_trip_max") == 1);
    CHECK(result.find("history_p50") == nullptr);
}

TEST_CASE("what a scenario found of its own stays, and is not overwritten") {
    run_result result = loaded();
    result.figures = {{"of_my_own", 7, "ms"}, {"sessions", 3, ""}};
    result.sessions_opened = 99;
    add_figures(result);
    CHECK(value_of(result, "sessions") == 3);
    CHECK(result.figures.back().name == "of_my_own");
    CHECK(result.figures.front().name == "sent_rate");
    add_figures(result);
    std::set<std::string> names;
    for (figure const& one : result.figures) CHECK_MESSAGE(names.insert(one.name).second, one.name);
}

TEST_CASE("every figure has a kind of the same unit") {
    run_result const result = sample_result();
    CHECK(result.figures.size() > 30);
    for (figure const& one : result.figures) {
        figure_kind const* kind = find_figure_kind(one.name);
        REQUIRE_MESSAGE(kind, one.name);
        CHECK(kind->unit == one.unit);
    }
}
