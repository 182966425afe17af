#include "tests/registry/support.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <atomic>
#include <thread>

// Several nodes on one Redis.

namespace tests {

using farewell = broker::redis_registry::farewell;

TEST_CASE("another node finds an entry when enter is done, and not after leave") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    enter(*b.registry, topic("/topic/x"));
    CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    CHECK(found(*a.registry, topic("/topic/y")).empty());
    CHECK(found(*b.registry, topic("/topic/x")).empty());
    enter(*a.registry, topic("/topic/x"));
    CHECK(found(*b.registry, topic("/topic/x")) == node_list{"a"});
    b.registry->leave(topic("/topic/x"));
    CHECK(eventually([&] { return found(*a.registry, topic("/topic/x")).empty(); }));
    CHECK(found(*b.registry, topic("/topic/x")) == node_list{"a"});
}

TEST_CASE("entries are counted: the last to leave takes it away") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    enter(*b.registry, user("anna"));
    enter(*b.registry, user("anna"));
    b.registry->leave(user("anna"));
    enter(*b.registry, user("after"));
    CHECK(found(*a.registry, user("anna")) == node_list{"b"});
    b.registry->leave(user("anna"));
    CHECK(eventually([&] { return found(*a.registry, user("anna")).empty(); }));
}

TEST_CASE("a node with any wildcard subscription is found for every topic, not for users") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    node c(server, "c");
    enter(*b.registry, pattern("/topic/**"));
    enter(*b.registry, pattern("/topic/*/x"));
    enter(*c.registry, topic("/topic/x"));
    CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b", "c"});
    CHECK(found(*a.registry, topic("/topic/else")) == node_list{"b"});
    CHECK(found(*a.registry, user("x")).empty());
    b.registry->leave(pattern("/topic/**"));
    enter(*b.registry, topic("/topic/after"));
    CHECK(found(*a.registry, topic("/topic/else")) == node_list{"b"});
    b.registry->leave(pattern("/topic/*/x"));
    CHECK(eventually([&] { return found(*a.registry, topic("/topic/else")).empty(); }));
}

TEST_CASE("entries that come and go quickly end as they were left last") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    for (int i = 0; i != 500; ++i) {
        b.registry->enter(topic("/topic/x"), home(), [] {});
        if (i != 499) b.registry->leave(topic("/topic/x"));
    }
    enter(*b.registry, topic("/topic/after"));
    CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b"});
}

TEST_CASE("a node that is off the bus is known to the others, for as long as it says so") {
    redis_server server;
    std::atomic<int> told_a = 0;
    std::atomic<bool> off_a = false;
    std::atomic<bool> off_b = false;
    node a(server, "a", [&](broker::redis::options& options) {
        options.on_others_off_bus = [&](bool off) {
            ++told_a;
            off_a = off;
        };
    });
    {
        node b(server, "b", [&](broker::redis::options& options) {
            options.on_others_off_bus = [&](bool off) { off_b = off; };
        });
        b.registry->set_off_bus(true);
        CHECK(eventually([&] { return off_a.load(); }));
        a.registry->set_off_bus(true);
        CHECK(eventually([&] { return off_b.load(); }));
        b.registry->set_off_bus(false);
        CHECK(eventually([&] { return !off_a.load(); }));
        CHECK(off_b);
        b.registry->set_off_bus(true);
        CHECK(eventually([&] { return off_a.load(); }));
    }
    // It has said goodbye.
    CHECK(eventually([&] { return !off_a.load(); }));
    CHECK(told_a == 4);
    // Who dies is forgotten when its lease is over.
    CHECK(server.run("ZRANGEBYSCORE stampede:off_bus -inf +inf") == "a");
    {
        node c(server, "c");
        c.registry->set_off_bus(true);
        CHECK(eventually([&] { return off_a.load(); }));
        c.die(server);
        server.run("ZADD stampede:off_bus 1 c");
        CHECK(eventually([&] { return !off_a.load(); }));
    }
}

TEST_CASE("a clean goodbye takes everything along at once") {
    redis_server server;
    node a(server, "a");
    {
        node b(server, "b");
        enter(*b.registry, topic("/topic/x"));
        b.registry->enter_room_user("1", "anna");
        CHECK(claim(*b.registry, "s")->here);
        CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    }
    CHECK(server.run("EXISTS stampede:topic:/topic/x channel:1:users stampede:sockjs:s "
                     "stampede:node:b stampede:room:1") == "0");
    CHECK(found(*a.registry, topic("/topic/x")).empty());
    CHECK_FALSE(owner(*a.registry, "s").has_value());
}

TEST_CASE("a node that died is waited for, then its entries do not count and are swept") {
    redis_server server;
    // Long enough for us to look while it is waited for.
    constexpr std::chrono::seconds grace{4};
    node a(server, "a", [grace](broker::redis::options& options) { options.grace = grace; });
    node b(server, "b");
    enter(*b.registry, topic("/topic/x"));
    enter(*b.registry, user("anna"));
    CHECK(claim(*b.registry, "s")->here);
    CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    auto const died = std::chrono::steady_clock::now();
    b.die(server);

    // Its lease held on for a while; now nobody knows whether it is only cut off from Redis.
    CHECK(eventually([&] { return !lookup(*a.registry, {topic("/topic/x")}).has_value(); }));
    CHECK_FALSE(owner(*a.registry, "s").has_value());
    CHECK(found(*a.registry, topic("/topic/x")).empty());
    CHECK(std::chrono::steady_clock::now() - died >= grace);
    CHECK(eventually([&] {
        return server.run(
                   "EXISTS stampede:topic:/topic/x stampede:user:anna stampede:sockjs:s "
                   "stampede:dead") == "0";
    }));
    CHECK(server.run("HKEYS stampede:nodes") == "a");
}

TEST_CASE("a node that died and is back does not answer for its earlier life") {
    redis_server server;
    node a(server, "a");
    {
        node before(server, "b");
        enter(*before.registry, topic("/topic/before"));
        CHECK(found(*a.registry, topic("/topic/before")) == node_list{"b"});
        before.registry->stop(farewell::none);
    }
    node after(server, "b", short_lease);
    enter(*after.registry, topic("/topic/after"));
    CHECK(found(*a.registry, topic("/topic/after")) == node_list{"b"});
    CHECK(eventually([&] { return found(*a.registry, topic("/topic/before")).empty(); }));
    CHECK(eventually([&] { return server.run("EXISTS stampede:topic:/topic/before") == "0"; }));
    CHECK(found(*a.registry, topic("/topic/after")) == node_list{"b"});
}

TEST_CASE("of nodes that claim a session at the same time one gets it, and all agree") {
    redis_server server;
    std::vector<std::unique_ptr<node>> nodes;
    for (std::string const id : {"a", "b", "c"})
        nodes.push_back(std::make_unique<node>(server, id));
    for (auto& each : nodes) REQUIRE(found(*each->registry, topic("/topic/x")).empty());
    constexpr std::size_t sessions = 200;
    std::vector<std::vector<std::string>> owners(nodes.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t n = 0; n != nodes.size(); ++n) {
            threads.emplace_back([&, n] {
                for (std::size_t i = 0; i != sessions; ++i) {
                    auto const got = claim(*nodes[n]->registry, "s" + std::to_string(i));
                    bool const here = got && got->here == (got->node == nodes[n]->id);
                    owners[n].push_back(here ? got->node + " " + got->internal_address : "nobody");
                }
            });
        }
    }
    CHECK(std::ranges::count(owners[0], "nobody") == 0);
    CHECK(owners[0] == owners[1]);
    CHECK(owners[0] == owners[2]);
    auto const known = owner(*nodes[1]->registry, "s0");
    REQUIRE(known.has_value());
    CHECK(known->node + " " + known->internal_address == owners[0][0]);
}

TEST_CASE("a session of a node that died can be claimed by another") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    for (node* each : {&a, &b}) REQUIRE(found(*each->registry, topic("/topic/x")).empty());
    CHECK(claim(*b.registry, "s")->here);
    CHECK_FALSE(claim(*a.registry, "s")->here);
    b.die(server);
    CHECK(eventually([&] { return !owner(*a.registry, "s").has_value(); }));
    CHECK(claim(*a.registry, "s")->here);
}

TEST_CASE("a user on several nodes is in a room once, until the last of them leaves or dies") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    node c(server, "c");
    for (node* each : {&a, &b, &c}) REQUIRE(found(*each->registry, topic("/topic/x")).empty());
    b.registry->enter_room_user("7", "anna");
    CHECK(eventually([&] { return b.changes() == node_list{"+7 anna"}; }));
    a.registry->enter_room_user("7", "anna");
    c.registry->enter_room_user("7", "anna");
    c.registry->enter_room_user("7", "carl");
    CHECK(eventually([&] {
        return in_room(*a.registry, "7")->users == node_list{"anna", "carl"};
    }));
    CHECK(server.run("SMEMBERS channel:7:users | sort") == "anna\ncarl");
    a.registry->leave_room_user("7", "anna");
    b.registry->leave_room_user("7", "anna");
    CHECK(eventually([&] { return server.run("HGET stampede:room:7 anna") == "1"; }));
    CHECK(a.changes().empty());

    c.die(server);
    CHECK(eventually([&] { return in_room(*a.registry, "7")->count == 0; }));
    CHECK(server.run("EXISTS channel:7:users stampede:room:7") == "0");
    // One of those left has told of each.
    CHECK(eventually([&] { return a.changes().size() + b.changes().size() == 3; }));
    node_list told = a.changes();
    std::ranges::copy(b.changes(), std::back_inserter(told));
    std::ranges::sort(told);
    CHECK(told == node_list{"+7 anna", "-7 anna", "-7 carl"});
    CHECK(c.changes() == node_list{"+7 carl"});
}

TEST_CASE("two processes with the same id are told so") {
    redis_server server;
    node first(server, "a");
    REQUIRE(found(*first.registry, topic("/topic/x")).empty());
    node second(server, "a");
    CHECK(eventually([&] { return first.saw("redis_node_taken"); }));
}

TEST_CASE("a node that stops answers those who wait and those who ask later") {
    redis_server server;
    node a(server, "a");
    REQUIRE(found(*a.registry, topic("/topic/x")).empty());
    a.registry->stop();
    CHECK_FALSE(lookup(*a.registry, {topic("/topic/x")}).has_value());
    enter(*a.registry, topic("/topic/x"));
    CHECK_FALSE(claim(*a.registry, "s").has_value());
    CHECK_FALSE(in_room(*a.registry, "1").has_value());
}

}  // namespace tests
