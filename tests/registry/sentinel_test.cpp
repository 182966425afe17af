#include "tests/registry/support.hpp"

#include <doctest/doctest.h>

// Redis behind Sentinels.

namespace tests {

TEST_CASE("Sentinels name the master, and a failover is followed") {
    redis_server master;
    redis_server replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port()),
                          "--repl-diskless-sync-delay", "0"});
    REQUIRE(eventually([&] {
        return replica.run("INFO replication").find("master_link_status:up") != std::string::npos;
    }));
    redis_sentinel sentinel(master);
    auto const by_sentinel = [&](broker::redis::options& options) {
        options.addresses.clear();
        options.sentinels = {sentinel.place()};
    };
    node a(master, "a", by_sentinel);
    node b(master, "b", by_sentinel);
    enter(*b.registry, topic("/topic/x"));
    REQUIRE(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    REQUIRE(eventually([&] {
        return sentinel.run("SENTINEL replicas mymaster").find(std::to_string(replica.port())) !=
               std::string::npos;
    }));
    watcher watch(*a.registry, topic("/topic/x"), {"b"});

    SUBCASE("the master dies") {
        master.kill();
    }
    SUBCASE("the master is told to step down") {
        // Refused until the Sentinel has heard of the replica that it can be chosen.
        CHECK(eventually([&] { return sentinel.run("SENTINEL FAILOVER mymaster") == "OK"; }));
    }

    CHECK(eventually([&] {
        return a.saw("redis_connected " + replica.place()) &&
               b.saw("redis_connected " + replica.place()) && a.up() && b.up();
    }));
    CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    enter(*b.registry, topic("/topic/y"));
    CHECK(found(*a.registry, topic("/topic/y")) == node_list{"b"});
    CHECK(watch.wrong() == 0);
}

}  // namespace tests
