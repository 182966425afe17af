#include "broker/registry/redis/cluster_view.hpp"

#include <doctest/doctest.h>

namespace tests {

namespace {

using namespace std::chrono_literals;
using broker::redis::cluster_view;
using standing = cluster_view::standing;

constexpr auto settle = 10s;
constexpr auto grace = 60s;

broker::redis::seen_node alive(std::string id, std::string confirmed = "g1") {
    return {.id = id, .epoch = id + "1", .alive = true, .confirmed = std::move(confirmed)};
}

struct view_of_me {
    cluster_view view{"me", settle, grace};
    cluster_view::time_point start{};

    void look(std::chrono::seconds at, std::string generation, std::chrono::seconds age,
              std::vector<broker::redis::seen_node> nodes) {
        view.update({.generation = std::move(generation), .age = age, .nodes = std::move(nodes)},
                    start + at);
    }
};

}  // namespace

TEST_CASE("nothing is complete before the first look, and for a while after being cut off") {
    view_of_me me;
    CHECK_FALSE(me.view.complete());
    me.look(0s, "g1", 20s, {alive("me")});
    CHECK(me.view.complete());
    me.view.cut_off();
    CHECK_FALSE(me.view.complete());
    me.view.returned(me.start + 1s);
    me.look(1s, "g1", 21s, {alive("me"), alive("b")});
    CHECK_FALSE(me.view.complete());
    me.look(10s, "g1", 30s, {alive("me"), alive("b")});
    CHECK_FALSE(me.view.complete());
    me.look(11s, "g1", 31s, {alive("me"), alive("b")});
    CHECK(me.view.complete());
}

TEST_CASE("data that are new may lack nodes that nobody knows of") {
    view_of_me me;
    me.look(0s, "g1", 9s, {alive("me")});
    CHECK_FALSE(me.view.complete());
    me.look(1s, "g1", 10s, {alive("me")});
    CHECK(me.view.complete());
}

TEST_CASE("a node that has not written everything yet is waited for, not so this one") {
    view_of_me me;
    me.look(0s, "g1", 20s, {alive("me", "-"), alive("b", "-")});
    CHECK_FALSE(me.view.complete());
    me.look(1s, "g1", 21s, {alive("me", "-"), alive("b", "g0")});
    CHECK_FALSE(me.view.complete());
    me.look(2s, "g1", 22s, {alive("me", "-"), alive("b", "g1")});
    CHECK(me.view.complete());
}

TEST_CASE("a node whose lease is gone is waited for while it is listed") {
    view_of_me me;
    auto lost = alive("b");
    lost.alive = false;
    me.look(0s, "g1", 20s, {alive("b")});
    me.look(1s, "g1", 21s, {lost});
    CHECK_FALSE(me.view.complete());
    CHECK(me.view.lost_tokens() == std::vector<std::string>{"b.b1"});
    me.look(2s, "g1", 22s, {});
    CHECK(me.view.complete());
    CHECK(me.view.lost_tokens().empty());
}

TEST_CASE("a node that was there before the data were lost is waited for until the grace is over") {
    view_of_me me;
    me.look(0s, "g1", 100s, {alive("b"), alive("c")});
    REQUIRE(me.view.complete());
    me.look(10s, "g2", 20s, {alive("b", "g2")});
    CHECK_FALSE(me.view.complete());
    // Lost again meanwhile: it is still waited for, and no longer than from the first time on.
    me.look(20s, "g3", 20s, {alive("b", "g3")});
    CHECK_FALSE(me.view.complete());
    me.look(69s, "g3", 69s, {alive("b", "g3")});
    CHECK_FALSE(me.view.complete());

    SUBCASE("it comes back") {
        me.look(69s, "g3", 69s, {alive("b", "g3"), alive("c", "g3")});
        CHECK(me.view.complete());
    }
    SUBCASE("it does not") {
        me.look(70s, "g3", 70s, {alive("b", "g3")});
        CHECK(me.view.complete());
    }
}

TEST_CASE("a node that goes within one generation has said goodbye") {
    view_of_me me;
    me.look(0s, "g1", 100s, {alive("b")});
    me.look(1s, "g1", 101s, {});
    CHECK(me.view.complete());
}

TEST_CASE("an unknown token is dead only when a look at the nodes has said so") {
    view_of_me me;
    me.look(0s, "g1", 100s, {alive("b")});
    CHECK(me.view.token_standing("b.b1") == standing::other);
    CHECK(me.view.token_standing("me.any") == standing::ourself);
    CHECK(me.view.token_standing("nonsense") == standing::dead);
    CHECK(me.view.token_standing("b.b0") == standing::unknown);
    CHECK(me.view.token_standing("c.c1") == standing::unknown);
    me.look(1s, "g1", 101s, {alive("b"), alive("c")});
    CHECK(me.view.token_standing("c.c1") == standing::other);
    CHECK(me.view.token_standing("b.b0") == standing::dead);
}

}  // namespace tests
