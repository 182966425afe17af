#include "tests/registry/support.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <thread>

// Redis dies, is emptied, hangs, moves; a node is cut off from it. What must hold all the time: an
// answer that names nodes names every node that has somebody.

namespace tests {

namespace {

using namespace std::chrono_literals;

redis_server persistent_server() {
    return redis_server({"--appendonly", "yes", "--appendfsync", "always"});
}

}  // namespace

TEST_CASE("while Redis is away nobody waits, and what was entered is found when it is back") {
    redis_server server = persistent_server();
    node a(server, "a");
    node b(server, "b");
    enter(*b.registry, topic("/topic/before"));
    CHECK(found(*a.registry, topic("/topic/before")) == node_list{"b"});
    server.kill();
    CHECK(eventually([&] { return a.saw("redis_unreachable") && b.saw("redis_unreachable"); }));
    CHECK_FALSE(b.up());
    CHECK_FALSE(lookup(*a.registry, {topic("/topic/before")}).has_value());
    enter(*b.registry, topic("/topic/meanwhile"));
    CHECK_FALSE(claim(*b.registry, "s").has_value());
    CHECK_FALSE(in_room(*b.registry, "1").has_value());
    b.registry->enter_room_user("1", "anna");

    server.start();
    CHECK(found(*a.registry, topic("/topic/before")) == node_list{"b"});
    CHECK(found(*a.registry, topic("/topic/meanwhile")) == node_list{"b"});
    CHECK(eventually([&] { return owner(*a.registry, "s").has_value(); }));
    CHECK(owner(*a.registry, "s")->node == "b");
    CHECK(eventually([&] { return b.changes() == node_list{"+1 anna"} && b.up(); }));
}

TEST_CASE("what was left while Redis was away is gone when it is back") {
    redis_server server = persistent_server();
    node a(server, "a");
    node b(server, "b");
    enter(*b.registry, topic("/topic/x"));
    CHECK(claim(*b.registry, "s")->here);
    server.kill();
    CHECK(eventually([&] { return b.saw("redis_unreachable"); }));
    b.registry->leave(topic("/topic/x"));
    b.registry->release("s");
    server.start();
    CHECK(eventually([&] { return found(*a.registry, topic("/topic/x")).empty(); }));
    CHECK(eventually([&] { return !owner(*a.registry, "s").has_value(); }));
}

TEST_CASE("a Redis that comes back empty is filled again, and until then nobody is left out") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    for (int i = 0; i != 3000; ++i) {
        b.registry->enter(topic("/topic/" + std::to_string(i)), home(), [] {});
    }
    enter(*b.registry, topic("/topic/last"));
    CHECK(claim(*b.registry, "s")->here);
    REQUIRE(found(*a.registry, topic("/topic/last")) == node_list{"b"});
    watcher watch(*a.registry, topic("/topic/last"), {"b"});
    for (int round = 0; round != 3; ++round) {
        server.kill();
        server.start();
        CHECK(eventually([&] { return a.up() && b.up() && a.complete() && b.complete(); }));
        CHECK(found(*a.registry, topic("/topic/2999")) == node_list{"b"});
        CHECK(owner(*a.registry, "s")->node == "b");
    }
    CHECK(watch.wrong() == 0);
    CHECK(watch.unknown() > 0);
    CHECK(eventually([&] { return b.states().back().lease_lost; }));
}

TEST_CASE("a Redis that is emptied while it runs is filled again, and nobody is left out") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    for (int i = 0; i != 3000; ++i) {
        b.registry->enter(topic("/topic/" + std::to_string(i)), home(), [] {});
    }
    enter(*b.registry, topic("/topic/last"));
    b.registry->enter_room_user("1", "anna");
    CHECK(eventually([&] { return b.changes() == node_list{"+1 anna"}; }));
    REQUIRE(found(*a.registry, topic("/topic/last")) == node_list{"b"});
    watcher watch(*a.registry, topic("/topic/last"), {"b"});
    for (int round = 0; round != 5; ++round) {
        server.run("FLUSHALL");
        CHECK(eventually([&] { return server.run("EXISTS stampede:topic:/topic/2999") == "1"; }));
        CHECK(found(*a.registry, topic("/topic/2999")) == node_list{"b"});
        CHECK(eventually([&] { return in_room(*a.registry, "1")->count == 1; }));
    }
    CHECK(watch.wrong() == 0);
    // Nobody came or went: the rooms only had to be written again.
    CHECK(b.changes() == node_list{"+1 anna"});
    CHECK(a.changes().empty());
}

TEST_CASE("who left a room while Redis was away is told to be gone once, though Redis lost all") {
    redis_server server;
    // Who does not come back in time takes its users along, bert too: here both come back.
    node a(server, "a");
    node b(server, "b");
    for (node* each : {&a, &b}) {
        each->registry->enter_room_user("1", "anna");
        each->registry->enter_room_user("1", "bert");
    }
    a.registry->enter_room_user("1", "carl");
    auto const on_nodes = [&](std::string const& who) {
        return server.run("HGET stampede:room:1 " + who);
    };
    REQUIRE(eventually([&] {
        return on_nodes("anna") == "2" && on_nodes("bert") == "2" && on_nodes("carl") == "1";
    }));
    REQUIRE(eventually([&] { return a.changes().size() + b.changes().size() == 3; }));
    // Whom a node has never seen it does not wait for.
    REQUIRE(eventually([&] { return a.nodes() == 2 && b.nodes() == 2; }));
    server.kill();
    REQUIRE(eventually([&] { return !a.up() && !b.up(); }));
    a.registry->leave_room_user("1", "anna");
    b.registry->leave_room_user("1", "anna");
    a.registry->leave_room_user("1", "bert");
    a.registry->leave_room_user("1", "carl");
    server.start();
    // anna was on both nodes; bert is still there on one.
    auto const all = [&] {
        node_list both = a.changes();
        for (auto const& each : b.changes()) both.push_back(each);
        std::ranges::sort(both);
        return both;
    };
    node_list const expected{"+1 anna", "+1 bert", "+1 carl", "-1 anna", "-1 carl"};
    CHECK(eventually([&] { return all() == expected; }));
    // What comes after it was told after whatever was to be told before.
    b.registry->leave_room_user("1", "bert");
    CHECK(eventually([&] { return all().size() > expected.size(); }));
    CHECK(all() == node_list{"+1 anna", "+1 bert", "+1 carl", "-1 anna", "-1 bert", "-1 carl"});
}

TEST_CASE("who left a room while Redis was away is told to be gone once, when Redis kept all") {
    redis_server server = persistent_server();
    node a(server, "a");
    a.registry->enter_room_user("1", "anna");
    CHECK(eventually([&] { return a.changes() == node_list{"+1 anna"}; }));
    server.kill();
    CHECK(eventually([&] { return !a.up(); }));
    a.registry->leave_room_user("1", "anna");
    server.start();
    CHECK(eventually([&] { return a.changes() == node_list{"+1 anna", "-1 anna"}; }));
    a.registry->enter_room_user("1", "bert");
    CHECK(eventually([&] { return a.complete() && a.changes().size() == 3; }));
    CHECK(a.changes().back() == "+1 bert");
}

TEST_CASE("who leaves a room while Redis hangs is told to be gone once") {
    redis_server server = persistent_server();
    node a(server, "a", soon_away);
    a.registry->enter_room_user("1", "anna");
    a.registry->enter_room_user("1", "bert");
    REQUIRE(eventually([&] { return a.changes().size() == 2; }));
    server.freeze();
    a.registry->leave_room_user("1", "anna");
    REQUIRE(eventually([&] { return !a.up(); }));
    SUBCASE("and Redis reads it later") {
        server.thaw();
    }
    SUBCASE("and Redis never reads it") {
        server.kill();
        server.start();
    }
    // bert keeps the node's earlier token alive in Redis, so that somebody seems to sweep it.
    auto const told = [&] {
        auto changes = a.changes();
        return std::ranges::count(changes, "-1 anna");
    };
    CHECK(eventually([&] { return told() == 1; }));
    // What comes after it was told after whatever was to be told before.
    a.registry->leave_room_user("1", "bert");
    CHECK(eventually([&] { return a.complete() && a.changes().back() == "-1 bert"; }));
    CHECK(told() == 1);
}

TEST_CASE("who comes back into a room and leaves it so again is told to be gone again") {
    redis_server server;
    node a(server, "a", soon_away);
    for (int round = 1; round <= 2; ++round) {
        auto const told = [&](std::string_view change) {
            return std::ranges::count(a.changes(), change) == round;
        };
        REQUIRE(eventually([&] { return a.up(); }));
        a.registry->enter_room_user("1", "anna");
        REQUIRE(eventually([&] { return told("+1 anna"); }));
        server.freeze();
        a.registry->leave_room_user("1", "anna");
        REQUIRE(eventually([&] { return !a.up(); }));
        server.thaw();
        CHECK(eventually([&] { return told("-1 anna"); }));
    }
}

TEST_CASE("a Redis that hangs blocks nobody, and counts as away after the timeout") {
    redis_server server;
    node a(server, "a", soon_away);
    node b(server, "b", soon_away);
    enter(*b.registry, topic("/topic/x"));
    REQUIRE(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    server.freeze();
    auto const start = std::chrono::steady_clock::now();
    std::atomic<int> answered = 0;
    for (int i = 0; i != 1000; ++i) {
        a.registry->find(std::vector{topic("/topic/x")}, [&](answer const& got) {
            if (!got) ++answered;
        });
        a.registry->enter(topic("/topic/y"), home(), [] {});
    }
    // A call that waited for Redis would take 400 ms.
    CHECK(std::chrono::steady_clock::now() - start < 100s);
    enter(*a.registry, topic("/topic/z"));
    CHECK(eventually([&] { return answered == 1000; }));
    CHECK_FALSE(a.up());
    // From then on the answer comes at once.
    auto const later = std::chrono::steady_clock::now();
    for (int i = 0; i != 100; ++i) CHECK_FALSE(lookup(*a.registry, {topic("/topic/x")}));
    CHECK(std::chrono::steady_clock::now() - later < 20s);  // 100 waits would take 40
    server.thaw();
    CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    CHECK(found(*b.registry, topic("/topic/z")) == node_list{"a"});
}

TEST_CASE("a canary comes back from a Redis that answers, and says why it does not") {
    redis_server server;
    node a(server, "a", soon_away);
    std::uint64_t number = 0;
    auto const canary = [&] {
        auto told = std::make_shared<std::promise<std::string>>();
        a.registry->send_canary(
            ++number, [told](std::string_view why) { told->set_value(std::string(why)); });
        return told->get_future().get();
    };
    CHECK(eventually([&] { return canary().empty(); }));
    CHECK(server.run("GET stampede:canary:a") == std::to_string(number));
    server.freeze();
    CHECK_FALSE(canary().empty());
    CHECK(eventually([&] { return canary() == "not connected"; }));
    server.thaw();
    CHECK(eventually([&] { return canary().empty(); }));
}

TEST_CASE("a Redis that is slow within the timeout is waited for") {
    redis_server server({"--enable-debug-command", "yes"});
    node a(server, "a");
    node b(server, "b");
    enter(*b.registry, topic("/topic/x"));
    REQUIRE(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    std::jthread const slow([&] { server.run("DEBUG SLEEP 0.15"); });
    for (int i = 0; i != 50; ++i) {
        CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b"});
        std::this_thread::sleep_for(5ms);
    }
    CHECK_FALSE(a.saw("redis_lost"));
}

TEST_CASE(
    "while one node is cut off from Redis the others ask nobody, so that it gets everything") {
    redis_server server;
    server.run("ACL SETUSER b on '>secret' '~*' '&*' +@all");
    node a(server, "a");
    node b(server, "b", [&](broker::redis::options& options) {
        options.addresses = {"redis://b:secret@" + server.place()};
    });
    enter(*b.registry, topic("/topic/x"));
    b.registry->enter_room_user("1", "anna");
    REQUIRE(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    server.run("ACL SETUSER b off");
    server.run("CLIENT KILL USER b");
    CHECK(eventually([&] { return b.saw("redis_unreachable"); }));
    enter(*b.registry, topic("/topic/meanwhile"));
    // The time of its lease is over.
    CHECK(server.run("PEXPIRE stampede:node:b 1") == "1");
    CHECK(eventually([&] { return !lookup(*a.registry, {topic("/topic/meanwhile")}); }));
    CHECK(eventually([&] { return a.changes() == node_list{"-1 anna"}; }));

    server.run("ACL SETUSER b on");
    CHECK(found(*a.registry, topic("/topic/meanwhile")) == node_list{"b"});
    CHECK(eventually([&] { return b.states().back().up; }));
    CHECK(b.states().back().lease_lost);
    CHECK(b.saw("redis_lease_lost"));
    // The others were told that its users were gone; now they are back.
    CHECK(eventually([&] { return b.changes() == node_list{"+1 anna", "+1 anna"}; }));
    for (std::string const& event : b.events()) CHECK(event.find("secret") == std::string::npos);
}

TEST_CASE("a connection that breaks costs nothing but a look at everything") {
    redis_server server;
    node a(server, "a");
    node b(server, "b");
    enter(*b.registry, topic("/topic/x"));
    REQUIRE(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    watcher watch(*a.registry, topic("/topic/x"), {"b"});
    for (int round = 0; round != 5; ++round) {
        std::size_t const states = b.states().size();
        server.run("CLIENT KILL TYPE normal");
        CHECK(eventually([&] { return b.states().size() >= states + 2 && b.up() && a.up(); }));
        CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    }
    CHECK(watch.wrong() == 0);
    for (broker::redis::state const state : b.states()) CHECK_FALSE(state.lease_lost);
}

TEST_CASE("scripts that Redis has forgotten are loaded again") {
    redis_server server;
    node a(server, "a");
    REQUIRE(found(*a.registry, topic("/topic/x")).empty());
    server.run("SCRIPT FLUSH");
    CHECK(eventually([&] { return a.saw("redis_lost"); }));
    CHECK(found(*a.registry, topic("/topic/x")).empty());
}

TEST_CASE("of several addresses the one of a master is used") {
    redis_server master;
    redis_server replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port())});
    redis_server gone;
    gone.kill();
    node a(master, "a", [&](broker::redis::options& options) {
        options.addresses = {gone.url(), replica.url(), master.url()};
    });
    enter(*a.registry, topic("/topic/x"));
    CHECK(eventually([&] { return a.up(); }));
    CHECK(a.saw("redis_connected " + master.place()));
    CHECK(master.run("EXISTS stampede:topic:/topic/x") == "1");
}

TEST_CASE("passwords and databases are those of the address or of the options") {
    redis_server server({"--requirepass", "a b"});
    node a(server, "a", [&](broker::redis::options& options) {
        options.addresses = {"redis://:a%20b@" + server.place() + "/3"};
    });
    node b(server, "b", [&](broker::redis::options& options) {
        options.addresses = {"redis://" + server.place() + "/3"};
        options.password = "a b";
    });
    node stranger(server, "c",
                  [&](broker::redis::options& options) { options.password = "guessed"; });
    enter(*b.registry, topic("/topic/x"));
    CHECK(found(*a.registry, topic("/topic/x")) == node_list{"b"});
    CHECK(eventually([&] { return stranger.saw("redis_unreachable"); }));
    CHECK_FALSE(lookup(*stranger.registry, {topic("/topic/x")}));
}

}  // namespace tests
