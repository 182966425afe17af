#include "node/health/link_watch.hpp"

#include <doctest/doctest.h>

using namespace node::health;
using namespace std::chrono_literals;

namespace {

// A watch and the only clock that it sees.
struct watched {
    explicit watched(watch_timing const& timing = {.interval = 1s, .timeout = 2s, .patience = 10s})
        : watch(timing, now) {}

    void pass(std::chrono::milliseconds time) {
        now.steady += time;
        now.wall += time;
    }
    std::uint64_t send() {
        auto const number = watch.take_due(now);
        REQUIRE(number);
        return *number;
    }
    void become_well() {
        watch.answered(send(), {}, now);
        REQUIRE(watch.report().state == link_state::well);
    }

    moment now{clock::time_point(1h), wall_clock::time_point(1000h)};
    link_watch watch;
};

}  // namespace

TEST_CASE("the first canary is due at once, and one at a time is under way") {
    watched link;
    CHECK(link.watch.next_due() == link.now.steady);
    CHECK(link.send() == 1);
    link.pass(1500ms);
    CHECK_FALSE(link.watch.take_due(link.now));
    CHECK(link.watch.report().state == link_state::unknown);
}

TEST_CASE("a canary that comes back makes the link well, with its time") {
    watched link;
    auto const number = link.send();
    link.pass(3ms);
    CHECK_FALSE(link.watch.answered(number, {}, link.now));
    auto const& report = link.watch.report();
    CHECK(report.state == link_state::well);
    CHECK(report.round_trip == 3ms);
    CHECK(report.last_success == link.now.wall);
    CHECK(report.since == link.now.wall);
    CHECK(link.watch.next_due() == link.now.steady - 3ms + 1s);
}

TEST_CASE("since stays while the state does") {
    watched link;
    link.become_well();
    auto const since = link.watch.report().since;
    link.pass(1s);
    link.become_well();
    CHECK(link.watch.report().since == since);
    CHECK(link.watch.report().last_success == link.now.wall);
}

TEST_CASE("silence makes a link ill after the timeout, and says so once") {
    watched link;
    link.become_well();
    link.pass(1s);
    link.send();
    link.pass(1999ms);
    CHECK_FALSE(link.watch.look(link.now));
    link.pass(1ms);
    auto const change = link.watch.look(link.now);
    REQUIRE(change);
    CHECK(change->state == link_state::ill);
    CHECK(change->error == "no answer within 2000 ms");
    CHECK(link.watch.report().state == link_state::ill);
    CHECK(link.watch.report().since == link.now.wall);

    link.send();
    link.pass(2s);
    CHECK_FALSE(link.watch.look(link.now));
}

TEST_CASE("a failure makes a link ill at once, and the first success well again") {
    watched link;
    link.become_well();
    link.pass(1s);
    auto const change = link.watch.answered(link.send(), "not connected", link.now);
    REQUIRE(change);
    CHECK(change->error == "not connected");
    link.pass(1s);
    auto const healed = link.watch.answered(link.send(), {}, link.now);
    REQUIRE(healed);
    CHECK(healed->state == link_state::well);
    CHECK(healed->lasted == 1s);
    CHECK(link.watch.report().last_error == "not connected");
    CHECK(link.watch.report().last_error_at == link.now.wall - 1s);
}

TEST_CASE("an answer that comes too late does not count, and hastens the next canary") {
    watched link;
    link.become_well();
    link.pass(1s);
    auto const late = link.send();
    link.pass(2s);
    REQUIRE(link.watch.look(link.now));
    auto const waiting = link.send();
    link.watch.not_sent(waiting, link.now);
    CHECK(link.watch.next_due() > link.now.steady);
    CHECK_FALSE(link.watch.answered(late, {}, link.now));
    CHECK(link.watch.report().state == link_state::ill);
    CHECK(link.watch.next_due() == link.now.steady);
    CHECK(link.watch.answered(link.send(), {}, link.now)->state == link_state::well);
}

TEST_CASE("an answer to an earlier canary does not stand for the one under way") {
    watched link;
    link.become_well();
    link.pass(1s);
    auto const late = link.send();
    link.pass(2s);
    REQUIRE(link.watch.look(link.now));
    auto const next = link.send();
    CHECK_FALSE(link.watch.answered(late, {}, link.now));
    CHECK(link.watch.report().state == link_state::ill);
    CHECK_FALSE(link.watch.take_due(link.now));
    CHECK(link.watch.answered(next, {}, link.now)->state == link_state::well);
}

TEST_CASE("a link that is being made is unknown, tried often, and ill when the patience is over") {
    watched link;
    CHECK_FALSE(link.watch.answered(link.send(), "not connected", link.now));
    CHECK(link.watch.report().state == link_state::unknown);
    CHECK(link.watch.report().last_error == "not connected");
    CHECK(link.watch.next_due() == link.now.steady + link_watch::interval_at_start);

    link.pass(10s);
    auto const change = link.watch.answered(link.send(), "not connected", link.now);
    REQUIRE(change);
    CHECK(change->state == link_state::ill);
}
