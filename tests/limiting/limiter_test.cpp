#include "broker/limiting/limiter.hpp"

#include "tests/limiting/start.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace broker;
using namespace broker::limiting;
using namespace std::chrono_literals;

namespace {

constexpr rate few{.interval = 1s, .burst = 3};

client_address const here = client_address::parse("192.0.2.1").value();
client_address const there = client_address::parse("192.0.2.2").value();

session_pass pass_of(limiter& by, std::string_view user, client_address const& from = here) {
    auto pass = by.admit_session(from, start);
    REQUIRE(pass);
    REQUIRE(by.admit_user(*pass, user, false, start) == limiter::verdict::welcome);
    return std::move(*pass);
}

}  // namespace

TEST_CASE("without limits nobody is held back") {
    limiter by({}, {});
    auto const pass = pass_of(by, "7");
    for (int i = 0; i != 1000; ++i) {
        auto const due = by.charge(pass, activity::send, start);
        CHECK_FALSE(due.refused);
        CHECK(due.wait == 0ns);
    }
    CHECK(by.request_of_user("7", start).wait == 0ns);
}

TEST_CASE("the sessions of a user share what the user may do") {
    limits to;
    to.user(activity::send) = few;
    limiter by(to, {});
    auto const one = pass_of(by, "7");
    auto const two = pass_of(by, "7", there);
    auto const other = pass_of(by, "8");
    CHECK(by.charge(one, activity::send, start).wait == 0ns);
    CHECK(by.charge(two, activity::send, start).wait == 0ns);
    CHECK(by.charge(one, activity::send, start).wait == 0ns);
    CHECK(by.charge(two, activity::send, start).wait == 1s);
    CHECK(by.charge(one, activity::send, start).wait == 2s);
    CHECK(by.charge(other, activity::send, start).wait == 0ns);
    CHECK(by.charge(one, activity::subscribe, start).wait == 0ns);
    CHECK(by.counted(limited::send_slowed) == 2);
}

TEST_CASE("the longer of both waits counts, of the user's and of the address'") {
    limits to;
    to.user(activity::send) = {.interval = 1s, .burst = 1};
    to.address(activity::send) = {.interval = 100ms, .burst = 1};
    limiter by(to, {});
    auto const one = pass_of(by, "7");
    auto const two = pass_of(by, "8");
    CHECK(by.charge(one, activity::send, start).wait == 0ns);
    CHECK(by.charge(two, activity::send, start).wait == 100ms);
    CHECK(by.charge(one, activity::send, start).wait == 1s);
}

TEST_CASE("who would have to wait too long already is refused and pays nothing") {
    limits to;
    to.user(activity::send) = {.interval = 1s, .burst = 1};
    to.longest_wait = 2s;
    limiter by(to, {});
    auto const pass = pass_of(by, "7");
    for (auto const wait : {0s, 1s, 2s}) CHECK(by.charge(pass, activity::send, start).wait == wait);
    for (int i = 0; i != 5; ++i) CHECK(by.charge(pass, activity::send, start).refused);
    CHECK_FALSE(by.charge(pass, activity::send, start + 1s).refused);
    CHECK(by.counted(limited::frame_refused) == 5);
}

TEST_CASE("a back end is not metered, and its user has any number of sessions") {
    limits to;
    to.user(activity::send) = to.address(activity::send) = few;
    to.sessions_per_user = 1;
    limiter by(to, {});
    std::vector<session_pass> passes;
    for (int i = 0; i != 3; ++i) {
        passes.push_back(by.admit_session(here, start).value());
        CHECK(by.admit_user(passes.back(), "bot", true, start) == limiter::verdict::welcome);
    }
    for (int i = 0; i != 100; ++i) CHECK(by.charge(passes[0], activity::send, start).wait == 0ns);
}

TEST_CASE("sessions of an address: as many as there may be, one more when one has gone") {
    limits to;
    to.sessions_per_address = 2;
    limiter by(to, {});
    auto one = by.admit_session(here, start);
    auto const two = by.admit_session(here, start);
    CHECK_FALSE(by.admit_session(here, start));
    CHECK(by.admit_session(there, start));
    one.reset();
    CHECK(by.admit_session(here, start));
    CHECK(by.counted(limited::session_refused) == 1);
}

TEST_CASE("sessions of a user: as many as there may be, one more when one has gone") {
    limits to;
    to.sessions_per_user = 1;
    limiter by(to, {});
    {
        auto const one = pass_of(by, "7");
        auto second = by.admit_session(there, start).value();
        CHECK(by.admit_user(second, "7", false, start) == limiter::verdict::too_many_sessions);
        CHECK(by.refused_logins(login_limit::too_many_sessions) == 1);
        CHECK(by.admit_user(second, "", false, start) == limiter::verdict::welcome);
    }
    static_cast<void>(pass_of(by, "7"));
}

TEST_CASE("sockets of an address: as many as there may be, and a proxy's are not counted") {
    limits to;
    to.sockets_per_address = 1;
    limiter by(to, {.networks = {network::parse("10.0.0.0/8").value()}});
    auto const proxy = client_address::parse("10.1.2.3").value();
    {
        auto const one = by.admit_socket(here, start);
        CHECK(one);
        CHECK_FALSE(by.admit_socket(here, start));
        auto const first = by.admit_socket(proxy, start);
        CHECK(first);
        CHECK(by.admit_socket(proxy, start));
    }
    CHECK(by.admit_socket(here, start));
    CHECK(by.counted(limited::socket_refused) == 1);
}

TEST_CASE("sessions that begin are counted by address and by user") {
    limits to;
    to.address(activity::connect) = few;
    to.user(activity::connect) = {.interval = 1s, .burst = 1};
    limiter by(to, {});
    for (int i = 0; i != 3; ++i) CHECK(by.begin_session(here, start) == 0ns);
    CHECK(by.begin_session(here, start) == 1s);
    CHECK(by.begin_session(there, start) == 0ns);
    static_cast<void>(pass_of(by, "7"));
    auto again = by.admit_session(here, start).value();
    CHECK(by.admit_user(again, "7", false, start) == limiter::verdict::too_fast);
    // An address that begins too many has not shown its credentials yet.
    CHECK(by.counted(limited::connect_refused) == 2);
    CHECK(by.refused_logins(login_limit::rate_limited) == 1);
}

TEST_CASE("wrong credentials end an address' tries, right ones cost nothing") {
    limits to;
    to.address(activity::failed_login) = few;
    limiter by(to, {});
    auto const pass = by.admit_session(here, start).value();
    CHECK(by.login_wait(here, start) == 0ns);
    for (int i = 0; i != 2; ++i) by.on_wrong_credentials(here, start);
    CHECK(by.login_wait(here, start) == 0ns);
    by.on_wrong_credentials(pass, start);
    CHECK(by.login_wait(here, start) == 1s);
    CHECK(by.login_wait(pass, start) == 1s);
    CHECK(by.login_wait(there, start) == 0ns);
    CHECK(by.login_wait(here, start + 1s) == 0ns);
    CHECK(by.counted(limited::credentials_wrong) == 3);
    CHECK(by.refused_logins(login_limit::rate_limited) == 2);
    CHECK(by.refused_logins(login_limit::too_many_sessions) == 0);
}

TEST_CASE("requests are allowed or told when they would be, and one can be given back") {
    limits to;
    to.user(activity::request) = few;
    to.address(activity::request) = {.interval = 1s, .burst = 1};
    limiter by(to, {});
    for (int i = 0; i != 3; ++i) CHECK(by.request_of_user("7", start).wait == 0ns);
    auto const refused = by.request_of_user("7", start);
    CHECK(refused.wait == 1s);
    CHECK(refused.by == few);
    CHECK(by.request_of_user("", start).wait == 0ns);
    CHECK(by.request_of_address(here.key(), start).wait == 0ns);
    by.give_back_request(here.key(), start);
    CHECK(by.request_of_address(here.key(), start).wait == 0ns);
    CHECK(by.request_of_address(here.key(), start).wait == 1s);
    CHECK(by.counted(limited::request_refused) == 2);
}

TEST_CASE("new limits count at once, also for sessions that live") {
    limiter by({}, {});
    auto const pass = pass_of(by, "7");
    limits to;
    to.user(activity::send) = {.interval = 1s, .burst = 1};
    by.set(to);
    CHECK(by.charge(pass, activity::send, start).wait == 0ns);
    CHECK(by.charge(pass, activity::send, start).wait == 1s);
    by.set(to);
    CHECK(by.charge(pass, activity::send, start).wait == 2s);
    to.user(activity::send).burst = 2;
    by.set(to);
    for (auto const wait : {0s, 0s, 1s}) CHECK(by.charge(pass, activity::send, start).wait == wait);
    by.set({});
    CHECK(by.charge(pass, activity::send, start).wait == 0ns);
}
