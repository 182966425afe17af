#include "broker/registry/local_user_sessions.hpp"
#include "tests/registry/support.hpp"

#include <doctest/doctest.h>

// Which sessions a user has, and where: what everybody promises who can be asked, and what holds in
// Redis over the lives of nodes and of Redis.

namespace tests {

namespace {

using namespace std::chrono_literals;

struct alone_setting {
    broker::local_user_sessions registry{"me", broker::local_user_sessions::setting::alone};
    static constexpr bool whole = true;
};

struct unlisted_setting {
    broker::local_user_sessions registry{"me", broker::local_user_sessions::setting::unlisted};
    static constexpr bool whole = false;
};

struct redis_sessions_setting {
    redis_sessions_setting() {
        eventually([this] { return me.up() && me.complete(); });
    }

    redis_server server;
    node me{server, "me"};
    broker::redis_registry& registry = *me.registry;
    static constexpr bool whole = true;
};

// How many keys there are that are not about the nodes themselves.
std::string keys_left(redis_server const& server) {
    return server.run(
        "EVAL 'local n = 0; for _, k in ipairs(redis.call(\"KEYS\", \"*\")) do "
        "if not k:match(\"^stampede:node\") and not k:match(\":generation$\") "
        "then n = n + 1 end end; return n' 0");
}

}  // namespace

TEST_CASE_TEMPLATE("a session is among its user's from its beginning to its end", Setting,
                   alone_setting, unlisted_setting, redis_sessions_setting) {
    Setting setting;
    auto& registry = setting.registry;
    CHECK(sessions(registry, "anna").count == 0);
    enter_session(registry, "anna", "s2", 2'000);
    enter_session(registry, "anna", "s1", 1'000);
    enter_session(registry, "user with blanks", "s3");
    auto const found = sessions(registry, "anna");
    CHECK(found.whole == Setting::whole);
    CHECK(found.count == 2);
    REQUIRE(found.sessions.size() == 2);
    CHECK(found.sessions[0] == broker::placed_session{.id = "s1",
                                                      .transport = "websocket",
                                                      .since = std::chrono::sys_seconds(1'000s),
                                                      .node = "me"});
    CHECK(found.sessions[1].id == "s2");
    CHECK(sessions(registry, "user with blanks").count == 1);
    registry.leave_session("anna", "s1");
    CHECK(eventually([&] { return sessions(registry, "anna").count == 1; }));
    registry.leave_session("anna", "s2");
    CHECK(eventually([&] { return sessions(registry, "anna").count == 0; }));
    CHECK(sessions(registry, "user with blanks").count == 1);
}

TEST_CASE_TEMPLATE("leaving a session that is not there does nothing", Setting, alone_setting,
                   unlisted_setting, redis_sessions_setting) {
    Setting setting;
    setting.registry.leave_session("anna", "s1");
    enter_session(setting.registry, "anna", "s1");
    setting.registry.leave_session("anna", "s2");
    setting.registry.leave_session("bert", "s1");
    CHECK(sessions(setting.registry, "anna").count == 1);
}

TEST_CASE_TEMPLATE("sessions are listed up to a bound, and counted all", Setting, alone_setting,
                   unlisted_setting, redis_sessions_setting) {
    Setting setting;
    for (int i = 0; i != 30; ++i) {
        enter_session(setting.registry, "anna", "s" + std::to_string(i), 100 - i);
    }
    auto const found = sessions(setting.registry, "anna", 3);
    CHECK(found.count == 30);
    REQUIRE(found.sessions.size() == 3);
    CHECK(found.sessions[0].id == "s29");
    CHECK(found.sessions[2].id == "s27");
}

TEST_CASE_TEMPLATE("sessions of many users are counted in their order", Setting, alone_setting,
                   unlisted_setting, redis_sessions_setting) {
    Setting setting;
    enter_session(setting.registry, "anna", "s1");
    enter_session(setting.registry, "anna", "s2");
    enter_session(setting.registry, "user-999", "s3");
    node_list users{"anna", "nobody", "anna"};
    for (int i = 3; i != 1'000; ++i) users.push_back("user-" + std::to_string(i));
    auto const counted = session_counts(setting.registry, users);
    CHECK(counted.whole == Setting::whole);
    REQUIRE(counted.counts.size() == users.size());
    CHECK(counted.counts[0] == 2);
    CHECK(counted.counts[1] == 0);
    CHECK(counted.counts[2] == 2);
    CHECK(counted.counts[998] == 0);
    CHECK(counted.counts[999] == 1);
    CHECK(session_counts(setting.registry, {}).counts.empty());
}

TEST_CASE("every node knows where a user's sessions are, and the user is found by them") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    REQUIRE(eventually([&] { return a.complete() && b.complete() && a.up() && b.up(); }));
    enter_session(*a.registry, "anna", "s1", 1'000);
    enter_session(*b.registry, "anna", "s2", 2'000);
    enter_session(*b.registry, "anna", "s3", 500);
    node_list const all{"s3@b", "s1@a", "s2@b"};
    CHECK(placed(*a.registry, "anna") == all);
    CHECK(placed(*b.registry, "anna") == all);
    CHECK(sessions(*a.registry, "anna", 2).count == 3);
    CHECK(session_counts(*a.registry, {"bert", "anna"}).counts == std::vector<std::uint64_t>{0, 3});
    CHECK(found(*a.registry, user("anna")) == node_list{"b"});
    CHECK(server.run("HGET stampede:sessions:anna 's1 websocket 1000'").starts_with("a."));
    b.registry->leave_session("anna", "s2");
    CHECK(eventually([&] { return placed(*a.registry, "anna") == node_list{"s3@b", "s1@a"}; }));
    CHECK(found(*a.registry, user("anna")) == node_list{"b"});
    b.registry->leave_session("anna", "s3");
    CHECK(eventually([&] { return found(*a.registry, user("anna")).empty(); }));
    a.registry->leave_session("anna", "s1");
    CHECK(eventually([&] { return keys_left(server) == "0"; }));
}

TEST_CASE("a node that says goodbye takes its users' sessions along") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    REQUIRE(eventually([&] { return a.complete() && b.complete() && b.up(); }));
    enter_session(*a.registry, "anna", "s1");
    for (int i = 0; i != 600; ++i) {
        enter_session(*b.registry, "anna", "b" + std::to_string(i));
        enter_session(*b.registry, "user-" + std::to_string(i), "c" + std::to_string(i));
    }
    b.registry->stop();
    CHECK(eventually([&] { return placed(*a.registry, "anna") == node_list{"s1@a"}; }));
    // anna's key, her sessions, what `a` holds: nothing else is left.
    CHECK(eventually([&] { return keys_left(server) == "3"; }));
    CHECK(server.run("HLEN stampede:sessions:anna") == "1");
}

TEST_CASE("sessions of a node that died do not count, and are swept by who looks at them") {
    redis_server server;
    node a(server, "a", short_grace);
    node b(server, "b");
    REQUIRE(eventually([&] { return a.complete() && b.complete() && a.up() && b.up(); }));
    enter_session(*a.registry, "anna", "s1");
    enter_session(*b.registry, "anna", "s2");
    enter_session(*b.registry, "bert", "s3");
    b.die(server);
    CHECK(eventually([&] { return sessions(*a.registry, "anna").count == 1; }));
    CHECK(server.run("HLEN stampede:sessions:anna") == "1");
    // Nobody asks for bert.
    CHECK(eventually([&] { return server.run("EXISTS stampede:sessions:bert") == "0"; }));
    CHECK(eventually([&] { return placed(*a.registry, "anna") == node_list{"s1@a"}; }));
}

TEST_CASE("sessions of a node's earlier life are not mistaken for those of its present one") {
    redis_server server;
    node a(server, "a");
    std::optional<node> b(std::in_place, server, "b");
    REQUIRE(eventually([&] { return a.complete() && b->complete() && b->up(); }));
    enter_session(*b->registry, "anna", "s1");
    b->registry->stop(broker::redis_registry::farewell::none);
    b.emplace(server, "b", short_lease);
    REQUIRE(eventually([&] { return a.complete() && b->complete() && b->up(); }));
    enter_session(*b->registry, "anna", "s2");
    CHECK(eventually([&] { return placed(*a.registry, "anna") == node_list{"s2@b"}; }));
}

TEST_CASE("while Redis is away a node knows its own sessions, and says that there may be more") {
    redis_server server({"--appendonly", "yes", "--appendfsync", "always"});
    node a(server, "a");
    node b(server, "b");
    REQUIRE(eventually([&] { return a.complete() && b.complete() && a.up() && b.up(); }));
    enter_session(*a.registry, "anna", "s1", 1);
    enter_session(*b.registry, "anna", "s2", 2);
    REQUIRE(placed(*a.registry, "anna") == node_list{"s1@a", "s2@b"});
    server.kill();
    CHECK(eventually([&] { return !a.up() && !b.up(); }));
    enter_session(*a.registry, "anna", "s3", 3);
    b.registry->leave_session("anna", "s2");
    CHECK(placed(*a.registry, "anna") == node_list{"?", "s1@a", "s3@a"});
    auto const counted = session_counts(*a.registry, {"anna", "bert"});
    CHECK(counted.counts == std::vector<std::uint64_t>{2, 0});
    CHECK_FALSE(counted.whole);
    server.start();
    CHECK(eventually([&] { return placed(*b.registry, "anna") == node_list{"s1@a", "s3@a"}; }));
}

TEST_CASE("a Redis that lost everything is told of every session again") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    REQUIRE(eventually([&] { return a.complete() && b.complete() && a.up() && b.up(); }));
    constexpr std::uint64_t many = 600;
    for (std::uint64_t i = 0; i != many; ++i) {
        enter_session(*b.registry, "anna", "s" + std::to_string(i), static_cast<int>(i));
    }
    auto const all_there = [&] {
        auto const found = sessions(*a.registry, "anna", 1);
        // Either everything, or the word that it is not everything.
        if (found.whole) CHECK(found.count == many);
        return found.whole && found.count == many;
    };
    CHECK(eventually(all_there));
    for (int round = 0; round != 3; ++round) {
        server.run("FLUSHALL");
        CHECK(eventually(all_there));
        server.kill();
        server.start();
        CHECK(eventually(all_there));
    }
    CHECK(server.run("HLEN stampede:sessions:anna") == std::to_string(many));
}

}  // namespace tests
