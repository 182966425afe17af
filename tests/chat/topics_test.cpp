#include "support.hpp"

#include <doctest/doctest.h>

using namespace chat_tests;
using namespace chat;

TEST_CASE("a room's messages are for its members; in open mode everybody reads a public room") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) {
        REQUIRE(unit.create_room({.name = "public", .study = {}, .metadata = {}}).has_value());
        REQUIRE(unit.create_room({.name = "private",
                                  .study = {},
                                  .type = room_type::private_room,
                                  .metadata = {}})
                    .has_value());
        REQUIRE(unit.add_member(room_id(1), user_id(7), "ann", member_role::member).has_value());
        REQUIRE(unit.add_member(room_id(2), user_id(7), "ann", member_role::member).has_value());
    });
    CHECK(node.open_topic("/topic/chatroom/1", verified(7)) == "0");
    CHECK(node.open_topic("/topic/chatroom/2", verified(7)) == "0");
    CHECK(node.open_topic("/topic/chatroom/1", verified(8)) == "not_a_member");
    CHECK(node.open_topic("/topic/chatroom/2", verified(8)) == "not_a_member");
    CHECK(node.open_topic("/topic/chatroom/2", verified(8, {"service"})) == "not_a_member");

    CHECK(node.open_topic("/topic/chatroom/1", believed()) == "0");
    CHECK(node.open_topic("/topic/chatroom/1", believed(8)) == "0");
    CHECK(node.open_topic("/topic/chatroom/2", believed(7)) == "0");
    CHECK(node.open_topic("/topic/chatroom/2", believed(8)) == "not_a_member");
    CHECK(node.open_topic("/topic/chatroom/2", believed()) == "caller_unknown");
}

TEST_CASE("what is no room's address is refused, wildcards too") {
    chat_node node;
    for (auto const* destination : {"/topic/chatroom/1", "/topic/chatroom/01", "/topic/chatroom/",
                                    "/topic/chatroom/*", "/topic/chatroom/**"}) {
        CAPTURE(destination);
        CHECK(node.module().topics().owns(destination));
        CHECK(node.open_topic(destination, believed(7)) == "no_such_room");
    }
    CHECK_FALSE(node.module().topics().owns("/topic/news"));
    CHECK_FALSE(node.module().topics().owns("/topic/chatroom"));
}

TEST_CASE("access ends with the membership, at once") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) {
        REQUIRE(unit.create_room({.name = "public", .study = {}, .metadata = {}}).has_value());
    });
    CHECK(node.app("/app/chat.join", R"({"chatRoomId":1})", verified(7)) == "ok");
    CHECK(node.open_topic("/topic/chatroom/1", verified(7)) == "1");
    CHECK(node.app("/app/chat.leave", R"({"chatRoomId":1})", verified(7)) == "ok");
    CHECK(node.open_topic("/topic/chatroom/1", verified(7)) == "not_a_member");
    CHECK(node.app("/app/chat.sendMessage", R"({"chatRoomId":1,"content":"x"})", verified(7)) ==
          "not_a_member");
    auto const ends = [&](broker::message_ptr const& what) {
        return std::string(node.module().topics().access_ended_by(*what));
    };
    auto const told = node.bus.messages();
    REQUIRE(told.size() == 2);
    CHECK(ends(told[0]).empty());
    CHECK(ends(told[1]) == "7");
}

TEST_CASE("what was missed is read as the same frames, ascending and bounded") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) {
        REQUIRE(unit.create_room({.name = "public", .study = {}, .metadata = {}}).has_value());
    });
    node.app("/app/chat.join", R"({"chatRoomId":1})", verified(7));
    for (auto i = 0; i < 5; ++i)
        node.app("/app/chat.sendMessage", R"({"chatRoomId":1,"content":"x"})", verified(7));

    auto const read = [&](std::uint64_t after, std::size_t limit) {
        std::optional<broker::history_outcome> outcome;
        node.module().topics().read_after(
            "/topic/chatroom/1", after, limit, node.shard,
            [&](broker::history_outcome told) { outcome = std::move(told); });
        REQUIRE(node.shard.run_until([&] { return outcome.has_value(); }));
        return std::get<std::vector<broker::message_ptr>>(*outcome);
    };
    auto const live = node.bus.messages();
    auto const replay = read(2, 3);
    REQUIRE(replay.size() == 3);
    for (std::size_t i = 0; i < replay.size(); ++i) {
        CHECK(replay[i]->seq() == 3 + i);
        CHECK(replay[i]->tail(stomp::version::v1_2) == live[2 + i]->tail(stomp::version::v1_2));
    }
    CHECK(read(6, 10).empty());
    CHECK(read(0, 100).size() == 6);
}

TEST_CASE("whoever passes the authenticator is known, and can be sent direct messages") {
    chat_node node;
    auto const connect = [&](std::string token) {
        std::optional<broker::auth_outcome> outcome;
        node.module().authenticator().authenticate(
            {.login = {}, .passcode = {}, .authorization = "Bearer " + token}, node.shard,
            [&](broker::auth_outcome told) { outcome = std::move(told); });
        REQUIRE(node.shard.run_until([&] { return outcome.has_value(); }));
        return std::holds_alternative<broker::principal_ptr>(*outcome);
    };
    auto const send = [&] {
        return node.app("/app/chat.send", R"({"to":8,"message":"hi"})", verified(7));
    };
    CHECK(send() == "no_such_user");
    CHECK_FALSE(connect("x"));
    CHECK(connect("guest"));
    CHECK(connect("8"));
    CHECK(send() == "ok");
    CHECK(connect("8"));
}

TEST_CASE("a storm of new users is known in few transactions") {
    chat_node node;
    constexpr auto users = 2000;
    auto passed = 0;
    for (auto user = 1; user <= users; ++user) {
        node.module().authenticator().authenticate(
            {.login = {}, .passcode = {}, .authorization = "Bearer " + std::to_string(user)},
            node.shard, [&](broker::auth_outcome const& told) {
                passed += std::holds_alternative<broker::principal_ptr>(told) ? 1 : 0;
            });
    }
    REQUIRE(node.shard.run_until([&] { return passed == users; }));
    node.with_unit([](unit_of_work& unit) {
        for (auto user = 1; user <= users; ++user)
            CHECK(unit.find_user(user_id(static_cast<std::uint64_t>(user))).has_value());
    });
}

TEST_CASE("the lobby is made when there is no room, and only then") {
    chat_node node;
    ensure_lobby(node.store());
    ensure_lobby(node.store());
    auto const rooms = node.rest("GET", "/api/chat/rooms");
    CHECK(rooms.at("/rooms/0/name") == "Lobby");
    CHECK(rooms.at("/rooms/0/chatRoomId") == "1");
    CHECK(rooms.at("/rooms/1") == "-");
}
