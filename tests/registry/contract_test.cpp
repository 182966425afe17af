#include "broker/registry/local_registry.hpp"
#include "tests/registry/support.hpp"

#include <doctest/doctest.h>
#include <atomic>
#include <future>

// What every registry promises, the one of a node alone and the one in Redis.

namespace tests {

namespace {

struct local_setting {
    std::vector<std::string> changes;
    broker::local_registry registry{
        "me", [this](broker::presence_change const& change) {
            changes.push_back((change.present ? "+" : "-") + change.room + " " + change.user);
        }};
};

struct redis_setting {
    redis_server server;
    node me{server, "me"};
    broker::redis_registry& registry = *me.registry;
};

struct redis_over_tls_setting {
    redis_with_tls server;
    node me{server.server(), "me", server.over_tls()};
    broker::redis_registry& registry = *me.registry;
};

}  // namespace

TEST_CASE_TEMPLATE("what this node has entered itself is no reason to send it elsewhere", Setting,
                   local_setting, redis_setting, redis_over_tls_setting) {
    Setting setting;
    enter(setting.registry, topic("/topic/a"));
    enter(setting.registry, pattern("/topic/**"));
    enter(setting.registry, user("anna"));
    CHECK(found(setting.registry, topic("/topic/a")).empty());
    CHECK(found(setting.registry, user("anna")).empty());
    CHECK(found(setting.registry, pattern("/topic/**")).empty());
}

TEST_CASE_TEMPLATE("an answer has a place for each thing asked for", Setting, local_setting,
                   redis_setting, redis_over_tls_setting) {
    Setting setting;
    REQUIRE(found(setting.registry, topic("/topic/a")).empty());
    CHECK(lookup(setting.registry, {}) == answer(broker::interested_nodes{}));
    CHECK(lookup(setting.registry, {topic("/topic/a"), user("b"), topic("/topic/a")}) ==
          answer(broker::interested_nodes(3)));
}

TEST_CASE_TEMPLATE("answers come in the order of the questions", Setting, local_setting,
                   redis_setting, redis_over_tls_setting) {
    Setting setting;
    constexpr int questions = 2000;
    std::vector<int> order;
    std::promise<void> all;
    for (int i = 0; i != questions; ++i) {
        setting.registry.find(std::vector{topic("/topic/" + std::to_string(i % 700))},
                              [&order, &all, i](answer const&) {
                                  order.push_back(i);
                                  if (i + 1 == questions) all.set_value();
                              });
    }
    all.get_future().wait();
    REQUIRE(order.size() == questions);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE_TEMPLATE("leaving what was not entered does nothing", Setting, local_setting,
                   redis_setting, redis_over_tls_setting) {
    Setting setting;
    setting.registry.leave(topic("/topic/a"));
    setting.registry.release("unknown");
    setting.registry.leave_room_user("1", "nobody");
    enter(setting.registry, topic("/topic/a"));
    CHECK(found(setting.registry, topic("/topic/a")).empty());
}

TEST_CASE_TEMPLATE("a session belongs to this node from its claim to its release", Setting,
                   local_setting, redis_setting, redis_over_tls_setting) {
    Setting setting;
    REQUIRE(found(setting.registry, topic("/topic/a")).empty());
    CHECK_FALSE(owner(setting.registry, "s1").has_value());
    auto const claimed = claim(setting.registry, "s1");
    REQUIRE(claimed.has_value());
    CHECK(claimed->here);
    CHECK(claimed->node == "me");
    auto const asked = owner(setting.registry, "s1");
    REQUIRE(asked.has_value());
    CHECK(asked->here);
    CHECK(claim(setting.registry, "s1")->here);
    setting.registry.release("s1");
    CHECK(eventually([&] { return !owner(setting.registry, "s1").has_value(); }));
    CHECK(claim(setting.registry, "s1")->here);
}

TEST_CASE_TEMPLATE("a user is in a room from the first session to the last", Setting, local_setting,
                   redis_setting, redis_over_tls_setting) {
    Setting setting;
    REQUIRE(found(setting.registry, topic("/topic/a")).empty());
    setting.registry.enter_room_user("1", "anna");
    setting.registry.enter_room_user("1", "anna");
    setting.registry.enter_room_user("1", "user with blanks");
    setting.registry.enter_room_user("2", "anna");
    CHECK(eventually([&] {
        auto const room = in_room(setting.registry, "1");
        return room && room->count == 2 && room->users == node_list{"anna", "user with blanks"};
    }));
    setting.registry.leave_room_user("1", "anna");
    setting.registry.leave_room_user("1", "user with blanks");
    CHECK(eventually([&] {
        auto const room = in_room(setting.registry, "1");
        return room && room->users == node_list{"anna"};
    }));
    setting.registry.leave_room_user("1", "anna");
    CHECK(eventually([&] { return in_room(setting.registry, "1")->count == 0; }));
    CHECK(in_room(setting.registry, "2")->users == node_list{"anna"});
}

TEST_CASE("a node alone tells who comes into a room and who leaves it") {
    local_setting setting;
    setting.registry.enter_room_user("1", "anna");
    setting.registry.enter_room_user("1", "anna");
    setting.registry.leave_room_user("1", "anna");
    setting.registry.leave_room_user("1", "anna");
    CHECK(setting.changes == node_list{"+1 anna", "-1 anna"});
}

}  // namespace tests
