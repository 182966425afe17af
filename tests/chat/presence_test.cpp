#include "support.hpp"

#include <doctest/doctest.h>
#include <set>

// Who is connected, over REST. The sessions are entered by the test.

using namespace chat_tests;
using namespace chat;

namespace {

void connect(chat_node& node, std::string user, std::string id) {
    node.sessions.enter_session(
        {.user = std::move(user),
         .id = std::move(id),
         .transport = "websocket",
         .since = std::chrono::sys_seconds(std::chrono::seconds(1736433000))},
        node.shard, [] {});
}

std::string status_and_code(answer const& told) {
    return std::to_string(told.status) + (told.status == 200 ? "" : " " + told.at("/code"));
}

}  // namespace

TEST_CASE("members who are connected are listed with their devices") {
    chat_node node;
    node.rest("POST", "/api/chat/rooms", R"({"name":"r","creatorId":1,"nickname":"ann"})");
    node.rest("POST", "/api/chat/rooms/1/join", R"({"userId":2,"nickname":"bob"})");
    node.rest("POST", "/api/chat/rooms/1/join", R"({"userId":3,"nickname":"cyd"})");
    connect(node, "3", "s1");
    connect(node, "1", "s2");
    connect(node, "1", "s3");
    connect(node, "4", "s4");  // no member
    CHECK(
        node.rest("GET", "/api/chat/rooms/1/present?userId=2").body ==
        R"({"members":[{"memberId":1,"nickname":"ann","devices":2},{"memberId":3,"nickname":"cyd","devices":1}],"nextCursor":null,"partial":false})");
    node.sessions.leave_session("3", "s1");
    node.sessions.leave_session("1", "s2");
    CHECK(
        node.rest("GET", "/api/chat/rooms/1/present?userId=2").body ==
        R"({"members":[{"memberId":1,"nickname":"ann","devices":1}],"nextCursor":null,"partial":false})");
}

TEST_CASE(
    "who is connected is told to those who may read the room, to back ends and administrators") {
    chat_node node({}, false);
    node.rest("POST", "/api/chat/rooms", R"({"name":"r","type":"PRIVATE","nickname":"ann"})",
              bearer("1"));
    auto const ask = [&](std::string token, std::string room = "1") {
        return status_and_code(
            node.rest("GET", "/api/chat/rooms/" + room + "/present", {}, bearer(std::move(token))));
    };
    CHECK(ask("1") == "200");
    CHECK(ask("2") == "403 not_a_member");
    CHECK(ask("guest") == "401 caller_unknown");
    CHECK(ask("service") == "200");
    CHECK(ask("admin") == "200");
    CHECK(ask("1", "9") == "404 no_such_room");
    CHECK(ask("service", "9") == "404 no_such_room");
    CHECK(ask("1", "x") == "404 no_such_room");
}

TEST_CASE(
    "those who are connected come by pages, and each page looks at a bounded number of members") {
    chat_node node;
    constexpr std::uint64_t members = 1'600;
    node.rest("POST", "/api/chat/rooms", R"({"name":"r","creatorId":1,"nickname":"ann"})");
    node.with_unit([](unit_of_work& unit) {
        for (std::uint64_t id = 2; id <= members; ++id) {
            unit.remember_user(user_id(id), "n");
            CHECK(unit.add_member(room_id(1), user_id(id), "n", member_role::member).has_value());
        }
    });
    std::set<std::string> const wanted{"1", "5", "249", "250", "251", "1000", "1001", "1599"};
    for (auto const& user : wanted) connect(node, user, "s" + user);
    std::set<std::string> seen;
    std::string cursor;
    auto pages = 0;
    for (; pages < 20; ++pages) {
        auto const told = node.rest("GET", "/api/chat/rooms/1/present?limit=3&userId=1" +
                                               (cursor.empty() ? "" : "&cursor=" + cursor));
        REQUIRE(told.status == 200);
        for (auto i = 0; told.at("/members/" + std::to_string(i)) != "-"; ++i) {
            CHECK(seen.insert(told.at("/members/" + std::to_string(i) + "/memberId")).second);
            CHECK(i < 3);
        }
        cursor = told.at("/nextCursor");
        if (cursor == "null") break;
    }
    CHECK(seen == wanted);
    CHECK(pages <= 4);
    auto const other = node.rest("GET", "/api/chat/rooms/1/members?userId=1").at("/nextCursor");
    CHECK(status_and_code(node.rest("GET", "/api/chat/rooms/1/present?userId=1&cursor=" + other)) ==
          "400 bad_cursor");
    CHECK(status_and_code(node.rest("GET", "/api/chat/rooms/1/present?userId=1&limit=0")) ==
          "400 bad_field");
}

TEST_CASE("one's own sessions are listed, and an administrator sees anybody's") {
    chat_node node({}, false);
    connect(node, "1", "s1");
    connect(node, "1", "s2");
    auto const ask = [&](std::string user, std::string token) {
        return node.rest("GET", "/api/users/" + user + "/sessions", {}, bearer(std::move(token)));
    };
    auto const own = ask("1", "1");
    CHECK(
        own.body ==
        R"({"userId":1,"devices":2,"sessions":[{"sessionId":"s1","nodeId":"here","transport":"websocket","connectedAt":"2025-01-09T14:30:00.000Z"},{"sessionId":"s2","nodeId":"here","transport":"websocket","connectedAt":"2025-01-09T14:30:00.000Z"}],"partial":false})");
    CHECK(ask("1", "admin").body == own.body);
    CHECK(ask("1", "service").body == own.body);
    CHECK(status_and_code(ask("1", "2")) == "403 forbidden");
    CHECK(status_and_code(ask("1", "guest")) == "403 forbidden");
    CHECK(status_and_code(ask("x", "1")) == "404 no_such_user");
    CHECK(ask("2", "2").at("/devices") == "0");
    auto const first = node.rest("GET", "/api/users/1/sessions?limit=1", {}, bearer("1"));
    CHECK(first.at("/devices") == "2");
    CHECK(first.at("/sessions/0/sessionId") == "s1");
    CHECK(first.at("/sessions/1") == "-");
}

TEST_CASE("in open mode who names another user does not see that one's sessions") {
    chat_node node;
    connect(node, "1", "s1");
    CHECK(status_and_code(node.rest("GET", "/api/users/1/sessions")) == "200");
    CHECK(status_and_code(node.rest("GET", "/api/users/1/sessions", {}, {{"X-User-Id", "1"}})) ==
          "200");
    CHECK(status_and_code(node.rest("GET", "/api/users/1/sessions", {}, {{"X-User-Id", "2"}})) ==
          "403 forbidden");
}
