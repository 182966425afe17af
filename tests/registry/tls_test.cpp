#include "tests/registry/support.hpp"
#include "tests/support/free_port.hpp"

#include <doctest/doctest.h>

// Redis over TLS: what goes over it, and with whom no connection is made.

namespace tests {

namespace {

// Why a node does not reach `url`; it never does.
std::string refusal(redis_server const& server, std::string const& url,
                    std::string const& ca_file) {
    node stranger(server, "stranger", [&](broker::redis::options& options) {
        options.addresses = {url};
        options.ca_file = ca_file;
        options.password = "not-to-be-told";
        options.connect_timeout = options.command_timeout = std::chrono::seconds(5);
    });
    REQUIRE(eventually([&] { return stranger.saw("redis_unreachable "); }));
    CHECK_FALSE(stranger.up());
    CHECK_FALSE(stranger.saw("redis_connected"));
    std::string const why = stranger.events().front();
    CHECK(why.find("not-to-be-told") == std::string::npos);
    return why;
}

bool says(std::string const& text, std::string const& part) {
    bool const said = text.find(part) != std::string::npos;
    if (!said) MESSAGE(text);
    return said;
}

}  // namespace

TEST_CASE("nodes over TLS and plain ones find each other") {
    redis_with_tls redis;
    node a(redis.server(), "a", redis.over_tls());
    node b(redis.server(), "b", redis.over_tls());
    node plain(redis.server(), "c");
    enter(*a.registry, topic("/topic/x"));
    enter(*plain.registry, topic("/topic/x"));
    CHECK(eventually([&] { return found(*b.registry, topic("/topic/x")) == node_list{"a", "c"}; }));
    CHECK(found(*plain.registry, topic("/topic/x")) == node_list{"a"});
}

TEST_CASE("more than fits into the records of TLS goes over it both ways") {
    redis_with_tls redis;
    node a(redis.server(), "a", redis.over_tls());
    node b(redis.server(), "b", redis.over_tls());
    std::string const longest(30'000, 'x');
    std::vector<broker::interest> topics;
    for (int i = 0; i != 100; ++i) {
        topics.push_back(topic("/topic/" + longest + std::to_string(i)));
        b.registry->enter(topics.back(), home(), [] {});
    }
    REQUIRE(eventually([&] { return a.complete() && b.complete() && a.nodes() == 2; }));
    broker::interested_nodes const everywhere(topics.size(), node_list{"b"});
    CHECK(eventually([&] { return lookup(*a.registry, topics) == answer(everywhere); }));
    for (int i = 0; i != 300; ++i) a.registry->enter_room_user("1", longest + std::to_string(i));
    CHECK(eventually([&] {
        auto const room = in_room(*b.registry, "1");
        return room && room->count == 300 && room->users.front().size() > longest.size();
    }));
}

TEST_CASE("a node over TLS comes back when its connection is lost") {
    redis_with_tls redis;
    node a(redis.server(), "a", redis.over_tls());
    node b(redis.server(), "b", redis.over_tls());
    enter(*a.registry, topic("/topic/x"));
    REQUIRE(found(*b.registry, topic("/topic/x")) == node_list{"a"});
    SUBCASE("it is cut off") {
        redis.server().run("CLIENT KILL TYPE normal SKIPME yes");
    }
    SUBCASE("Redis is started again, empty") {
        redis.server().kill();
        redis.server().start();
    }
    CHECK(
        eventually([&] { return a.saw("redis_lost") && a.up() && b.saw("redis_lost") && b.up(); }));
    CHECK(eventually([&] { return found(*b.registry, topic("/topic/x")) == node_list{"a"}; }));
}

TEST_CASE("a Sentinel that is reached by TLS names a master that is, too") {
    redis_with_tls redis;
    auto const& master = redis.server();
    int const port = free_port();
    redis_sentinel sentinel(master, redis.arguments(port, "DNS:localhost"));
    sentinel.run("SENTINEL REMOVE mymaster");
    sentinel.run("SENTINEL MONITOR mymaster 127.0.0.1 " + std::to_string(redis.port()) + " 1");
    auto const by = [&](std::string place) {
        return [&redis, place = std::move(place)](broker::redis::options& options) {
            options.addresses.clear();
            options.sentinels = {place};
            options.ca_file = redis.ca_file();
        };
    };
    std::string const secure = "localhost:" + std::to_string(port);

    node good(master, "a", by("rediss://" + secure));
    CHECK(eventually([&] { return good.up(); }));
    CHECK(good.saw("redis_connected 127.0.0.1:" + std::to_string(redis.port())));

    node plain(master, "b", by(secure));
    REQUIRE(eventually([&] { return plain.saw("redis_unreachable Sentinel " + secure); }));
    CHECK(says(plain.events().front(), "rediss://"));
    node half(master, "c", by(sentinel.place()));
    REQUIRE(eventually([&] { return half.saw("redis_unreachable"); }));
    CHECK(says(half.events().front(), "rediss://"));
}

TEST_CASE("a Redis from an authority that is not trusted is refused") {
    redis_with_tls redis;
    certificate_authority const other("Other Authority");
    CHECK(says(refusal(redis.server(), redis.url(), ""),
               "the server's certificate comes from an authority that is not trusted"));
    CHECK(says(refusal(redis.server(), redis.url(), other.file()), other.file()));
}

TEST_CASE("a Redis with a certificate for another name is refused") {
    redis_with_tls redis("DNS:redis.example");
    CHECK(says(refusal(redis.server(), redis.url(), redis.ca_file()),
               "the server's certificate is not for localhost but for DNS:redis.example"));
    CHECK(says(refusal(redis.server(), redis.url("127.0.0.1"), redis.ca_file()),
               "the server's certificate is not for 127.0.0.1 but for DNS:redis.example"));
}

TEST_CASE("a Redis with a certificate that has expired is refused") {
    redis_with_tls redis("DNS:localhost", {-2, -1});
    CHECK(says(refusal(redis.server(), redis.url(), redis.ca_file()),
               "the server's certificate has expired, at "));
}

TEST_CASE("TLS with a plain port, and a plain connection to one for TLS, say so") {
    redis_with_tls redis;
    std::string const port = std::to_string(redis.server().port());
    // Redis may take the greeting for the beginning of a line, and wait for its end.
    CHECK(says(refusal(redis.server(), "rediss://127.0.0.1:" + port, redis.ca_file()), "TLS"));
    CHECK(says(refusal(redis.server(), "redis://localhost:" + std::to_string(redis.port()), ""),
               "rediss://"));
}

TEST_CASE("a file of authorities that is gone is named") {
    redis_with_tls redis;
    CHECK(says(refusal(redis.server(), redis.url(), "/nowhere/ca.pem"),
               "/nowhere/ca.pem cannot be read"));
}

}  // namespace tests
