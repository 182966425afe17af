#include "stomp/heart_beat.hpp"

#include "stomp/errors.hpp"

#include <doctest/doctest.h>

namespace stomp {
namespace {

heart_beat_pair pair(int can_send, int wants) {
    return {std::chrono::milliseconds(can_send), std::chrono::milliseconds(wants)};
}

heart_beat_plan plan(int incoming, int outgoing) {
    return {std::chrono::milliseconds(incoming), std::chrono::milliseconds(outgoing)};
}

}  // namespace

TEST_CASE("a heart-beat header is two numbers of milliseconds") {
    CHECK(parse_heart_beat("10000,5000").value() == pair(10000, 5000));
    CHECK(parse_heart_beat("0,0").value() == pair(0, 0));
    CHECK(parse_heart_beat(" 10 , 20 ").value() == pair(10, 20));
    CHECK(to_string(pair(10000, 0)) == "10000,0");
}

TEST_CASE("a missing heart-beat header means no beats") {
    CHECK(parse_heart_beat(std::nullopt).value() == pair(0, 0));
}

TEST_CASE("a heart-beat beyond a day is taken as a day") {
    constexpr auto day = 24 * 60 * 60 * 1000;
    CHECK(parse_heart_beat("86400000,86400001").value() == pair(day, day));
    CHECK(parse_heart_beat("99999999999999999999999,1").value() == pair(day, 1));
}

TEST_CASE("anything else is an invalid heart-beat") {
    for (auto const* value : {"", ",", "10", "10,", ",10", "-1,0", "0,-1", "a,b", "1.5,0", "1,2,3",
                              "1 2,3", "+1,0", "0x10,0", "1;2", "\t1,2"}) {
        CAPTURE(value);
        CHECK(parse_heart_beat(value).error() == errc::invalid_heart_beat);
    }
}

TEST_CASE("the slower of what one side can and the other wants is agreed on") {
    CHECK(negotiate(pair(10000, 10000), pair(20000, 5000)) == plan(10000, 20000));
    CHECK(negotiate(pair(3000, 30000), pair(10000, 10000)) == plan(10000, 30000));
}

TEST_CASE("a zero on either side stops the beats of that direction only") {
    CHECK(negotiate(pair(0, 10000), pair(10000, 10000)) == plan(0, 10000));
    CHECK(negotiate(pair(10000, 0), pair(10000, 10000)) == plan(10000, 0));
    CHECK(negotiate(pair(10000, 10000), pair(0, 10000)) == plan(10000, 0));
    CHECK(negotiate(pair(10000, 10000), pair(10000, 0)) == plan(0, 10000));
    CHECK(negotiate(pair(0, 0), pair(10000, 10000)) == plan(0, 0));
}

}  // namespace stomp
