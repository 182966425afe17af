#include "support.hpp"

#include <doctest/doctest.h>

using namespace chat_tests;
using namespace chat;

namespace {

using event_list = std::vector<std::string>;

void make_room(chat_node& node, new_room fields = {.name = "r", .study = {}, .metadata = {}}) {
    node.with_unit([&](unit_of_work& unit) { REQUIRE(unit.create_room(fields).has_value()); });
}

std::string message_json(int id, int seq, int sender, std::string_view nickname,
                         std::string_view content, std::string_view type = "CHAT") {
    return R"({"chatRoomId":1,"messageId":)" + std::to_string(id) + R"(,"seq":)" +
           std::to_string(seq) + R"(,"senderId":)" + std::to_string(sender) +
           R"(,"senderNickname":")" + std::string(nickname) + R"(","content":")" +
           std::string(content) + R"(","messageType":")" + std::string(type) + R"("})";
}

}  // namespace

TEST_CASE("joining, sending and leaving reach the room in the order of their seq") {
    chat_node node;
    make_room(node);

    CHECK(node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":7,"senderNickname":"ann"})") ==
          "ok");
    CHECK(
        node.app(
            "/app/chat.sendMessage",
            R"({"chatRoomId":1,"senderId":7,"senderNickname":"Ann!","content":"hi","messageType":"CHAT"})") ==
        "ok");
    CHECK(node.app("/app/room/1/send", R"({"senderId":"7","content":"two","type":"CHAT"})") ==
          "ok");
    CHECK(node.app("/app/chat.leave", R"({"chatRoomId":1,"senderId":7})") == "ok");

    CHECK(node.bus.take() ==
          event_list{"topic /topic/chatroom/1 " + message_json(1, 1, 7, "ann", "", "JOIN"),
                     "topic /topic/chatroom/1 " + message_json(2, 2, 7, "Ann!", "hi"),
                     "topic /topic/chatroom/1 " + message_json(3, 3, 7, "ann", "two"),
                     "topic /topic/chatroom/1 " + message_json(4, 4, 7, "ann", "", "LEAVE"),
                     "ended 7 /topic/chatroom/1"});
}

TEST_CASE("a room's message carries its id, its seq and its type as headers") {
    chat_node node;
    make_room(node);
    node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":7})");

    auto const messages = node.bus.messages();
    REQUIRE(messages.size() == 1);
    auto const& message = *messages.front();
    CHECK(message.destination() == "/topic/chatroom/1");
    CHECK(message.id() == "1");
    CHECK(message.seq() == 1);
    CHECK_FALSE(message.ephemeral());
    CHECK(message.tail(stomp::version::v1_2).find("content-type:application/json\n") !=
          std::string::npos);
}

TEST_CASE("joining again is no error and stores nothing; leaving again is one") {
    chat_node node;
    make_room(node);
    CHECK(node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":7})") == "ok");
    CHECK(node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":7})") == "ok");
    CHECK(node.bus.take().size() == 1);
    CHECK(node.app("/app/chat.leave", R"({"chatRoomId":1,"senderId":7})") == "ok");
    CHECK(node.app("/app/chat.leave", R"({"chatRoomId":1,"senderId":7})") == "not_a_member");
    CHECK(node.bus.take().size() == 2);
    CHECK(node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":7})") == "ok");
    CHECK(node.bus.take().front().find(R"("seq":3)") != std::string::npos);
}

TEST_CASE("the message type of a send says what it does") {
    chat_node node;
    make_room(node);
    auto const send = [&](std::string_view type) {
        return node.app("/app/chat.sendMessage",
                        R"({"chatRoomId":1,"senderId":7,"content":"x","messageType":")" +
                            std::string(type) + "\"}");
    };
    CHECK(send("JOIN") == "ok");
    CHECK(send("CHAT") == "ok");
    CHECK(send("TYPING") == "ok");
    CHECK(send("READ") == "ok");
    CHECK(send("LEAVE") == "ok");
    CHECK(send("SING") == "bad_field");
    auto const seen = node.bus.take();
    REQUIRE(seen.size() == 7);  // READ tells the room and the reader, LEAVE also ends the access
    CHECK(seen[2].find(R"("messageType":"TYPING")") != std::string::npos);
    CHECK(seen[3].find(R"("messageType":"READ","lastReadSeq":2)") != std::string::npos);
}

TEST_CASE("every reason to refuse a send is told by its code") {
    chat_node node({.max_content_length = 5});
    make_room(node);
    make_room(node,
              {.name = "private", .study = {}, .type = room_type::private_room, .metadata = {}});
    make_room(node, {.name = "small", .study = {}, .max_members = 1, .metadata = {}});
    REQUIRE(node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":7})") == "ok");
    REQUIRE(node.app("/app/chat.join", R"({"chatRoomId":3,"senderId":7})") == "ok");
    node.bus.take();

    auto const send = [&](std::string_view body, broker::principal_ptr caller = believed()) {
        return node.app("/app/chat.sendMessage", body, std::move(caller));
    };
    CHECK(send("") == "bad_json");
    CHECK(send("{") == "bad_json");
    CHECK(send(R"({"senderId":7,"content":"x"})") == "bad_field");
    CHECK(node.reason() == "The field 'chatRoomId' is missing: it must be the number of a room.");
    CHECK(send(R"({"chatRoomId":1,"content":"x"})") == "caller_unknown");
    CHECK(send(R"({"chatRoomId":1,"senderId":8,"content":"x"})", verified(7)) == "sender_mismatch");
    CHECK(send(R"({"chatRoomId":1,"senderId":8,"content":"x"})", believed(7)) == "sender_mismatch");
    CHECK(send(R"({"chatRoomId":1,"senderId":8,"content":"x"})") == "not_a_member");
    CHECK(send(R"({"chatRoomId":99,"senderId":7,"content":"x"})") == "no_such_room");
    CHECK(send(R"({"chatRoomId":1,"senderId":7,"content":""})") == "content_empty");
    CHECK(send(R"({"chatRoomId":1,"senderId":7})") == "content_empty");
    CHECK(send(R"({"chatRoomId":1,"senderId":7,"content":"안녕하세요"})") == "ok");
    CHECK(send(R"({"chatRoomId":1,"senderId":7,"content":"안녕하세요!"})") == "content_too_long");
    CHECK(node.reason() == "The content has 6 characters; at most 5 are allowed.");
    CHECK(node.app("/app/chat.sendMessage", R"({"chatRoomId":1,"senderId":7,"content":"x"})",
                   believed(), std::string(201, 'k')) == "bad_field");
    CHECK(node.app("/app/chat.join", R"({"chatRoomId":2,"senderId":7})") == "room_private");
    CHECK(node.app("/app/chat.join", R"({"chatRoomId":3,"senderId":8})") == "room_full");
    CHECK(node.app("/app/chat.join", R"({"chatRoomId":9,"senderId":8})") == "no_such_room");
    CHECK(node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":8,"content":"123456"})") ==
          "content_too_long");
    CHECK(node.app("/app/nothing", "{}") == "no_such_destination");
    CHECK(node.app("/app/room/x/send", "{}") == "no_such_destination");
    CHECK(node.app("/app/room/send", "{}") == "no_such_destination");
    CHECK(node.app("/app/room/1/send", R"({"chatRoomId":2,"senderId":7,"content":"x"})") ==
          "bad_field");
    CHECK(node.app("/app/chat.typing", R"({"chatRoomId":1,"senderId":8})") == "not_a_member");
    CHECK(node.app("/app/chat.typing", R"({"chatRoomId":9,"senderId":8})") == "no_such_room");
    CHECK(node.app("/app/chat.read", R"({"chatRoomId":1,"senderId":8})") == "not_a_member");
    CHECK(node.app("/app/chat.read", R"({"chatRoomId":9,"senderId":8})") == "no_such_room");
    CHECK(node.app("/app/chat.leave", R"({"chatRoomId":9,"senderId":8})") == "no_such_room");

    CHECK(node.bus.take().size() == 1);  // the one that was fine
}

TEST_CASE("a send that is tried again under its key is stored and published once") {
    chat_node node;
    make_room(node);
    node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":7})");
    node.bus.take();
    auto const* body = R"({"chatRoomId":1,"senderId":7,"content":"x"})";
    CHECK(node.app("/app/chat.sendMessage", body, believed(), "k-1") == "ok");
    CHECK(node.app("/app/chat.sendMessage", body, believed(), "k-1") == "ok");
    CHECK(node.app("/app/chat.sendMessage", R"({"chatRoomId":1,"senderId":7,"content":"y"})",
                   believed(), "k-1") == "idempotency_conflict");
    CHECK(node.bus.take().size() == 1);
}

TEST_CASE("sends that were not waited for keep their order") {
    chat_node node;
    make_room(node);
    node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":7})");
    constexpr auto count = 500;
    std::vector<int> done;
    for (auto i = 0; i < count; ++i) {
        auto const body =
            R"({"chatRoomId":1,"senderId":7,"content":"m)" + std::to_string(i) + "\"}";
        auto const flow = node.app_later("/app/chat.sendMessage", body, believed(),
                                         [&done, i](auto const& outcome) {
                                             CHECK(std::holds_alternative<std::monostate>(outcome));
                                             done.push_back(i);
                                         });
        CHECK(flow == broker::app_flow::pipelined);
    }
    REQUIRE(node.shard.run_until([&] { return done.size() == count; }));
    CHECK(std::ranges::is_sorted(done));
    auto const messages = node.bus.messages();
    REQUIRE(messages.size() == count + 1);
    for (std::size_t i = 0; i < count; ++i) {
        CHECK(messages[i + 1]->seq() == i + 2);
        CHECK(json_at(messages[i + 1]->body(), "/content") == "m" + std::to_string(i));
    }
}

TEST_CASE("joining, leaving and direct messages hold up what comes behind them") {
    chat_node node;
    make_room(node);
    auto finished = 0;
    auto const flow = [&](std::string_view destination, std::string_view body) {
        auto const how =
            node.app_later(destination, body, believed(7), [&](auto const&) { ++finished; });
        auto const before = finished;
        if (how == broker::app_flow::barrier)
            node.shard.run_until([&] { return finished > before; });
        return how;
    };
    CHECK(flow("/app/chat.join", R"({"chatRoomId":1})") == broker::app_flow::barrier);
    CHECK(flow("/app/chat.leave", R"({"chatRoomId":1})") == broker::app_flow::barrier);
    CHECK(flow("/app/chat.send", R"({"to":8,"message":"x"})") == broker::app_flow::barrier);
}

TEST_CASE("what depends on the messages sent before does not begin beside them") {
    chat_node node;
    make_room(node);
    REQUIRE(node.app("/app/chat.join", R"({"chatRoomId":1})", verified(7)) == "ok");
    auto const flow = [&](std::string_view destination, std::string_view body) {
        return node.app_later(destination, body, verified(7), nullptr, true);
    };
    node.bus.take();
    using enum broker::app_flow;
    CHECK(flow("/app/chat.join", R"({"chatRoomId":1})") == after_others);
    CHECK(flow("/app/chat.leave", R"({"chatRoomId":1})") == after_others);
    CHECK(flow("/app/chat.sendMessage", R"({"chatRoomId":1,"messageType":"LEAVE"})") ==
          after_others);
    CHECK(flow("/app/chat.read", R"({"chatRoomId":1})") == after_others);
    CHECK(flow("/app/chat.read", R"({"chatRoomId":1,"lastReadSeq":9})") == after_others);
    CHECK(node.bus.take().empty());
    CHECK(node.app("/app/chat.leave", R"({"chatRoomId":1})", verified(7)) == "ok");
}

TEST_CASE(
    "a direct message reaches the devices of both, in one room that is made at the first time") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) {
        unit.remember_user(user_id(7), "ann");
        unit.remember_user(user_id(8), "bob");
    });
    CHECK(node.app("/app/chat.send", R"({"to":8,"message":"hi"})", verified(7)) == "ok");
    CHECK(node.app("/app/chat.send", R"({"to":"7","message":"ho","senderId":8})") == "ok");

    auto const hi = message_json(1, 1, 7, "ann", "hi");
    auto const ho = message_json(2, 2, 8, "bob", "ho");
    auto const to = [](std::string json, int who) {
        json.pop_back();
        return json + ",\"to\":" + std::to_string(who) + "}";
    };
    CHECK(node.bus.take() ==
          event_list{"topic /topic/chatroom/1 " + hi, "user 8 /queue/messages " + to(hi, 8),
                     "user 7 /queue/messages " + to(hi, 8), "topic /topic/chatroom/1 " + ho,
                     "user 7 /queue/messages " + to(ho, 7), "user 8 /queue/messages " + to(ho, 7)});
}

TEST_CASE("what is written into the room of two goes to the queues of both as well") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) {
        unit.remember_user(user_id(7), "ann");
        unit.remember_user(user_id(8), "bob");
    });
    CHECK(node.app("/app/chat.send", R"({"to":8,"message":"hi"})", verified(7)) == "ok");
    auto const as_direct = node.bus.take();
    auto const with = [](event_list events, std::string_view from, std::string_view to) {
        for (auto& event : events) {
            for (auto at = event.find(from); at != event.npos; at = event.find(from, at))
                event.replace(at, from.size(), to), at += to.size();
        }
        return events;
    };
    SUBCASE("by chat.sendMessage") {
        auto const* body = R"({"chatRoomId":1,"content":"again"})";
        CHECK(node.app("/app/chat.sendMessage", body, verified(7), "k") == "ok");
        CHECK(node.app("/app/chat.sendMessage", body, verified(7), "k") == "ok");
    }
    SUBCASE("by REST") {
        auto const* body = R"({"senderId":7,"content":"again"})";
        CHECK(node.rest("POST", "/api/chat/rooms/1/messages", body).status == 201);
    }
    auto expected = with(as_direct, "\"messageId\":1,\"seq\":1", "\"messageId\":2,\"seq\":2");
    expected = with(expected, "\"hi\"", "\"again\"");
    CHECK(node.bus.take() == expected);
    REQUIRE(as_direct.size() == 3);
}

TEST_CASE("a direct message is refused with a reason") {
    chat_node node;
    auto const send = [&](std::string_view body) {
        return node.app("/app/chat.send", body, verified(7));
    };
    CHECK(send(R"({"to":8,"message":"hi"})") == "no_such_user");
    CHECK(send(R"({"to":"ann","message":"hi"})") == "no_such_user");
    CHECK(send(R"({"to":7,"message":"hi"})") == "bad_field");
    CHECK(send(R"({"message":"hi"})") == "bad_field");
    CHECK(send(R"({"to":8,"message":" "})") == "content_empty");
    CHECK(send(R"({"to":8,"message":"x","senderId":9})") == "sender_mismatch");
    CHECK(node.app("/app/chat.send", R"({"to":8,"message":"x"})") == "caller_unknown");
    CHECK(node.bus.take().empty());
}

TEST_CASE("a direct message that is tried again is stored and delivered once") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) { unit.remember_user(user_id(8), "bob"); });
    auto const* body = R"({"to":8,"message":"hi"})";
    CHECK(node.app("/app/chat.send", body, verified(7), "k") == "ok");
    CHECK(node.app("/app/chat.send", body, verified(7), "k") == "ok");
    CHECK(node.bus.take().size() == 3);
}

TEST_CASE("a direct room cannot be left, nor entered by others") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) { unit.remember_user(user_id(8), "bob"); });
    node.app("/app/chat.send", R"({"to":8,"message":"hi"})", verified(7));
    CHECK(node.app("/app/chat.leave", R"({"chatRoomId":1})", verified(7)) == "room_direct");
    CHECK(node.app("/app/chat.join", R"({"chatRoomId":1})", verified(9)) == "room_direct");
    CHECK(node.app("/app/chat.sendMessage", R"({"chatRoomId":1,"content":"x"})", verified(9)) ==
          "not_a_member");
    CHECK(node.open_topic("/topic/chatroom/1", verified(9)) == "not_a_member");
    CHECK(node.open_topic("/topic/chatroom/1", believed()) == "caller_unknown");
    CHECK(node.open_topic("/topic/chatroom/1", verified(8)) == "1");
}

TEST_CASE("typing and reading are told to the room, and reading to the reader's own devices") {
    chat_node node;
    make_room(node);
    node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":7,"senderNickname":"ann"})");
    node.app("/app/chat.join", R"({"chatRoomId":1,"senderId":8,"senderNickname":"bob"})");
    for (auto i = 0; i < 3; ++i)
        node.app("/app/chat.sendMessage", R"({"chatRoomId":1,"senderId":8,"content":"x"})");
    node.bus.take();

    CHECK(node.app("/app/chat.typing", R"({"chatRoomId":1,"senderId":7})") == "ok");
    CHECK(node.app("/app/chat.read", R"({"chatRoomId":1,"senderId":7,"lastReadSeq":4})") == "ok");
    CHECK(node.app("/app/chat.read", R"({"chatRoomId":1,"senderId":7,"lastReadSeq":2})") == "ok");
    CHECK(node.app("/app/chat.read", R"({"chatRoomId":1,"senderId":7,"senderNickname":"A"})") ==
          "ok");

    auto const topic =
        std::string(R"(topic /topic/chatroom/1 {"chatRoomId":1,"senderId":7,"senderNickname":)");
    auto const queue =
        std::string(R"(user 7 /queue/notifications {"type":"UNREAD","chatRoomId":1,)");
    CHECK(node.bus.take() == event_list{topic + R"("ann","messageType":"TYPING"})",
                                        topic + R"("ann","messageType":"READ","lastReadSeq":4})",
                                        queue + R"("unread":1,"lastReadSeq":4,"lastSeq":5})",
                                        topic + R"("ann","messageType":"READ","lastReadSeq":4})",
                                        queue + R"("unread":1,"lastReadSeq":4,"lastSeq":5})",
                                        topic + R"("A","messageType":"READ","lastReadSeq":5})",
                                        queue + R"("unread":0,"lastReadSeq":5,"lastSeq":5})"});
    CHECK(node.bus.messages().back()->ephemeral());
    CHECK(node.bus.messages().back()->seq() == 0);
}
