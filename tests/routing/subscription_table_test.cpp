#include "broker/routing/subscription_table.hpp"

#include "tests/routing/recording_link.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <map>
#include <string>

using broker::routing::subscription;
using broker::routing::subscription_table;
using tests::test_subscriber;

namespace {

std::size_t matches(subscription_table const& table, std::string_view destination) {
    std::size_t count = 0;
    table.for_each(destination, [&](subscription&) { ++count; });
    return count;
}

// Whether a subscription to `pattern` gets what is sent to `destination`.
bool fits(std::string_view pattern, std::string_view destination) {
    subscription_table table;
    test_subscriber who;
    table.add(pattern, who.subscription);
    bool const result = matches(table, destination) == 1;
    table.remove(who.subscription);
    CHECK(table.size() == 0);
    CHECK(matches(table, destination) == 0);
    return result;
}

}  // namespace

TEST_CASE("an exact subscription gets its destination and no other") {
    CHECK(fits("/topic/a", "/topic/a"));
    CHECK_FALSE(fits("/topic/a", "/topic/ab"));
    CHECK_FALSE(fits("/topic/a", "/topic/a/b"));
    CHECK_FALSE(fits("/topic/a", "/topic"));
}

TEST_CASE("a star stands for exactly one level") {
    CHECK(fits("/topic/*", "/topic/a"));
    CHECK(fits("/topic/*/c", "/topic/b/c"));
    CHECK_FALSE(fits("/topic/*", "/topic/a/b"));
    CHECK_FALSE(fits("/topic/*", "/topic"));
    CHECK_FALSE(fits("/topic/*/c", "/topic/b/d"));
}

TEST_CASE("a rest pattern stands for any number of levels, none included") {
    for (std::string_view const rest : {"/topic/**", "/topic/#"}) {
        CHECK(fits(rest, "/topic/a"));
        CHECK(fits(rest, "/topic/a/b/c"));
        CHECK(fits(rest, "/topic"));
        CHECK_FALSE(fits(rest, "/other/a"));
    }
}

TEST_CASE("everyone that fits is visited once for each subscription") {
    subscription_table table;
    test_subscriber exact, star, rest, hash, other;
    table.add("/topic/a/b", exact.subscription);
    table.add("/topic/*/b", star.subscription);
    table.add("/topic/**", rest.subscription);
    table.add("/topic/a/#", hash.subscription);
    table.add("/topic/c", other.subscription);

    std::vector<subscription*> visited;
    table.for_each("/topic/a/b", [&](subscription& who) { visited.push_back(&who); });

    CHECK(visited.size() == 4);
    CHECK(std::ranges::find(visited, &other.subscription) == visited.end());
}

TEST_CASE("removing one of many leaves the others reachable") {
    subscription_table table;
    std::vector<std::unique_ptr<test_subscriber>> all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(std::make_unique<test_subscriber>());
        table.add(i % 2 == 0 ? "/topic/x" : "/topic/*", all.back()->subscription);
    }
    for (std::size_t i = 0; i < 10; i += 3) table.remove(all[i]->subscription);
    CHECK(matches(table, "/topic/x") == 6);
    CHECK(table.size() == 6);
    CHECK(table.has_subscriber("/topic/y"));
}

TEST_CASE("the last pattern to go leaves other patterns of the same stem") {
    subscription_table table;
    test_subscriber deep, shallow;
    table.add("/a/*/c/**", deep.subscription);
    table.add("/a/*", shallow.subscription);
    table.remove(deep.subscription);
    CHECK(matches(table, "/a/b") == 1);
    CHECK(matches(table, "/a/b/c/d") == 0);
    table.remove(shallow.subscription);
    CHECK(matches(table, "/a/b") == 0);
}

TEST_CASE("topics and patterns are listed with how many are subscribed to each") {
    subscription_table table;
    test_subscriber one;
    test_subscriber other;
    test_subscriber third;
    table.add("/topic/a", one.subscription);
    table.add("/topic/a", other.subscription);
    table.add("/topic/*", third.subscription);
    std::map<std::string, std::size_t> found;
    table.for_each_topic([&](std::string_view name, std::size_t count) {
        CHECK(found.emplace(name, count).second);
    });
    CHECK(found == std::map<std::string, std::size_t>{{"/topic/a", 2}, {"/topic/*", 1}});
    for (auto* each : {&one, &other, &third}) table.remove(each->subscription);
    table.for_each_topic([](std::string_view, std::size_t) { FAIL("nobody is subscribed"); });
}
