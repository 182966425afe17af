#include "node/discovery/registration.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace node::discovery;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{1h};
constexpr auto up = instance_status::up;
constexpr auto starting = instance_status::starting;

struct fixture {
    explicit fixture(std::size_t servers = 1)
        : machine(servers, {.heart_beat = 30s}, [this] { return luck; }) {}

    // Something must be due.
    attempt must(instance_status status = up) {
        auto const todo = machine.next(now, status);
        REQUIRE(todo);
        return *todo;
    }
    bool idle(instance_status status = up) { return !machine.next(now, status); }
    void end(outcome how, instance_status status = up) { machine.ended(must(status), how, now); }

    double luck = 0;
    steady_time now = start;
    registration machine;
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a node registers at once and renews every heart-beat") {
    CHECK(must() == attempt{action::register_instance, 0, up});
    CHECK_FALSE(machine.registered());
    end(outcome::accepted);
    CHECK(machine.registered());
    CHECK(idle());
    CHECK(machine.due() == start + 30s);

    now = machine.due();
    CHECK(must() == attempt{action::renew, 0, up});
    end(outcome::accepted);
    CHECK(idle());
    CHECK(machine.due() == start + 60s);
}

TEST_CASE_FIXTURE(fixture, "renewals are a little early by chance, never late") {
    luck = 0.999;
    end(outcome::accepted);
    CHECK(machine.due() < start + 30s);
    CHECK(machine.due() >= start + 27s);
}

TEST_CASE_FIXTURE(fixture, "a server that has forgotten the node gets a registration at once") {
    end(outcome::accepted);
    now = machine.due();
    end(outcome::unknown);
    CHECK_FALSE(machine.registered());
    CHECK(machine.due() <= now);
    CHECK(must() == attempt{action::register_instance, 0, up});
}

TEST_CASE_FIXTURE(fixture, "another status is another registration, without a wait") {
    end(outcome::accepted, starting);
    CHECK(idle(starting));
    CHECK(must(up) == attempt{action::register_instance, 0, up});
    end(outcome::accepted, up);
    CHECK(must(instance_status::out_of_service).what == action::register_instance);
}

TEST_CASE_FIXTURE(fixture, "pauses grow to a heart-beat, and end with the first success") {
    std::chrono::milliseconds const expected[] = {500ms,  1000ms,  2000ms, 4000ms,
                                                  8000ms, 15000ms, 15000ms};
    for (auto const pause : expected) {
        end(outcome::failed);
        CHECK(idle());
        CHECK(machine.due() == now + pause);
        now = machine.due();
    }
    end(outcome::accepted);
    CHECK(machine.due() == now + 30s);
    now = machine.due();
    end(outcome::failed);
    CHECK(machine.due() == now + 500ms);
}

TEST_CASE_FIXTURE(fixture, "a pause is by chance up to twice as long") {
    luck = 0.999;
    end(outcome::failed);
    CHECK(machine.due() > now + 990ms);
    CHECK(machine.due() < now + 1s);
}

TEST_CASE_FIXTURE(fixture, "a very long outage does not make the pauses overflow") {
    for (int i = 0; i < 1000; ++i) {
        end(outcome::failed);
        CHECK(machine.due() > now);
        CHECK(machine.due() <= now + 30s);
        now = machine.due();
    }
}

TEST_CASE_FIXTURE(fixture, "a server that has no place for registrations is one that fails") {
    end(outcome::unknown);
    CHECK(idle());
    CHECK(machine.due() == now + 500ms);
}

TEST_CASE("the next server is asked at once; only when all have failed is there a pause") {
    fixture with(3);
    for (std::size_t server : {0U, 1U, 2U}) {
        CHECK(with.must().server == server);
        with.end(outcome::failed);
    }
    CHECK(with.idle());
    with.now = with.machine.due();
    CHECK(with.must().server == 0);
}

TEST_CASE("a renewal goes on with the next server, which may have to be told who we are") {
    fixture with(2);
    with.end(outcome::accepted);
    with.now = with.machine.due();
    with.end(outcome::failed);
    CHECK_FALSE(with.machine.registered());
    CHECK(with.must() == attempt{action::renew, 1, up});
    with.end(outcome::unknown);
    CHECK(with.must() == attempt{action::register_instance, 1, up});
    with.end(outcome::accepted);
    CHECK(with.machine.registered());
    with.now = with.machine.due();
    CHECK(with.must().server == 1);
}

TEST_CASE("leaving is a deregistration, with the server that knows of us first") {
    fixture with(2);
    with.end(outcome::failed);
    with.end(outcome::accepted);
    with.machine.leave();
    CHECK(with.machine.left_to_ask() == 2);
    CHECK(with.must().what == action::deregister);
    CHECK(with.must().server == 1);
    SUBCASE("that is the end") {
        with.end(outcome::accepted);
        CHECK(with.idle());
    }
    SUBCASE("a server that knows nothing of us is one") {
        with.end(outcome::unknown);
        CHECK(with.idle());
    }
    SUBCASE("each server is asked once") {
        with.end(outcome::failed);
        CHECK(with.machine.left_to_ask() == 1);
        CHECK(with.must().server == 0);
        with.end(outcome::failed);
        CHECK(with.idle());
    }
}

TEST_CASE_FIXTURE(fixture,
                  "leaving does not wait for the end of a pause, as a registration may "
                  "have been taken although no answer came") {
    end(outcome::failed);
    CHECK(idle());
    machine.leave();
    CHECK(must().what == action::deregister);
}

TEST_CASE_FIXTURE(fixture, "who never tried to register has nothing to leave") {
    machine.leave();
    CHECK(idle());
}
