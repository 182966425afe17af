#include "broker/limiting/account_table.hpp"

#include "tests/limiting/start.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

using namespace broker;
using namespace broker::limiting;
using namespace std::chrono_literals;

namespace {

constexpr rate hourly{.interval = 1h, .burst = 2};

std::string key(int number) {
    return "user-" + std::to_string(number);
}

}  // namespace

TEST_CASE("who comes again finds their account") {
    account_table table(100);
    auto const first = table.at("a", start);
    first->meter(activity::send).take(hourly, start);
    CHECK(table.at("a", start) == first);
    CHECK(table.at("b", start) != first);
    CHECK(table.size() == 2);
}

TEST_CASE("the table stays within its capacity, whoever comes") {
    account_table table(160);
    for (int i = 0; i != 10'000; ++i) {
        table.at(key(i), start)->meter(activity::connect).take(hourly, start);
    }
    CHECK(table.size() <= 160);
}

TEST_CASE("accounts with full meters are forgotten before those that say something") {
    account_table small(32);  // two in each part
    auto const of = key(1);
    for (int i = 0; i != 2; ++i) small.at(of, start)->meter(activity::send).take(hourly, start);
    for (int i = 2; i != 1000; ++i) static_cast<void>(small.at(key(i), start));
    CHECK(small.at(of, start)->meter(activity::send).try_take(hourly, start) > 0ns);
}

TEST_CASE("an account that a connection holds is never forgotten") {
    account_table table(16);
    std::vector<socket_seat> seats;
    for (int i = 0; i != 100; ++i) {
        auto account = table.at(key(i), start);
        REQUIRE(account->enter(holding::sockets, 1));
        seats.emplace_back(std::move(account));
    }
    CHECK(table.size() >= 100);
    for (int i = 0; i != 100; ++i) CHECK_FALSE(table.at(key(i), start)->enter(holding::sockets, 1));
    seats.clear();
    for (int i = 100; i != 1000; ++i) static_cast<void>(table.at(key(i), start));
    CHECK(table.size() <= 100);
}

TEST_CASE("a seat gives its place back once, also when it was moved") {
    account_table table(16);
    auto const of = table.at("a", start);
    REQUIRE(of->enter(holding::sessions, 2));
    session_seat first(of);
    REQUIRE(of->enter(holding::sessions, 2));
    session_seat second(of);
    CHECK_FALSE(of->enter(holding::sessions, 2));
    first = std::move(second);
    CHECK(of->held(holding::sessions) == 1);
    first.release();
    first.release();
    CHECK(of->held(holding::sessions) == 0);
}

TEST_CASE("several threads share the table") {
    account_table table(64);
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t) {
        threads.emplace_back([&table] {
            for (int i = 0; i != 2000; ++i) {
                auto account = table.at(key(i % 200), start);
                account->meter(activity::send).take(hourly, start);
            }
        });
    }
    for (auto& each : threads) each.join();
    CHECK(table.size() <= 64 + 4);
}
