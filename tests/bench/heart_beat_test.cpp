#include "bench/client/heart_beat.hpp"

#include <doctest/doctest.h>

using namespace bench;
using namespace std::chrono_literals;

TEST_CASE("the slower side sets the pace of each direction") {
    auto const beats = negotiate_heart_beats(10s, 5s, "8000,20000");
    CHECK(beats.send_every == 20s);
    CHECK(beats.expect_every == 8s);
    CHECK(beats.patience() == 16s);
    CHECK(negotiate_heart_beats(10s, 5s, "1,1").send_every == 10s);
    CHECK(negotiate_heart_beats(10s, 5s, "1,1").expect_every == 5s);
}

TEST_CASE("a side that says 0 has none in its direction") {
    auto const none = [](auto beats) { return beats.send_every == 0s && beats.expect_every == 0s; };
    CHECK(none(negotiate_heart_beats(0s, 0s, "10000,10000")));
    CHECK(none(negotiate_heart_beats(10s, 10s, "0,0")));
    CHECK(negotiate_heart_beats(10s, 10s, "0,7000").expect_every == 0s);
    CHECK(negotiate_heart_beats(10s, 10s, "0,7000").send_every == 10s);
}

TEST_CASE("a heart-beat header that is missing or broken promises nothing") {
    for (auto const* header : {"", ",", "10", "10,", "a,b", "-1,5", "99999999999,10"}) {
        CAPTURE(header);
        auto const beats = negotiate_heart_beats(1s, 1s, header);
        CHECK(beats.expect_every == 0s);
        CHECK(beats.send_every == 0s);
    }
}
