#include "support.hpp"

#include <doctest/doctest.h>

using namespace chat_tests;
using namespace chat;

namespace {

// "404 no_such_room"
std::string refused(answer const& told) {
    CHECK(told.header("Content-Type") == "application/problem+json");
    CHECK(told.at("/status") == std::to_string(told.status));
    CHECK(told.at("/type") == "urn:stampede:problem:" + told.at("/code"));
    CHECK(told.at("/title") != "-");
    CHECK(told.at("/detail") != "-");
    CHECK(told.at("/instance").starts_with("/api"));
    return std::to_string(told.status) + " " + told.at("/code");
}

}  // namespace

TEST_CASE("a room is made with its creator as owner, and found again") {
    chat_node node;
    auto const made = node.rest(
        "POST", "/api/chat/rooms",
        R"({"name":"C++","studyId":7,"creatorId":1,"nickname":"ann","maxMembers":3,"metadata":{"a":1}})");
    CHECK(made.status == 201);
    CHECK(made.header("Location") == "/api/chat/rooms/1");
    CHECK(made.header("Content-Type") == "application/json");
    CHECK(made.at("/chatRoomId") == "1");
    CHECK(made.at("/name") == "C++");
    CHECK(made.at("/studyId") == "7");
    CHECK(made.at("/type") == "PUBLIC");
    CHECK(made.at("/active") == "true");
    CHECK(made.at("/maxMembers") == "3");
    CHECK(made.at("/memberCount") == "1");
    CHECK(made.at("/metadata") == R"({"a":1})");
    CHECK(made.at("/lastSeq") == "0");
    CHECK(made.at("/member") == "true");
    CHECK(made.at("/role") == "OWNER");
    CHECK(made.at("/nickname") == "ann");
    CHECK(made.at("/unread") == "0");

    CHECK(node.rest("GET", "/api/chat/rooms/1?userId=1").body == made.body);
    CHECK(node.rest("GET", "/api/chat/rooms/1", {}, {{"X-User-Id", "1"}}).body == made.body);
    CHECK(node.rest("GET", "/api/chat/rooms/study/7?memberId=1").body == made.body);
    auto const seen = node.rest("GET", "/api/chat/rooms/1");
    CHECK(seen.at("/member") == "false");
    CHECK(seen.at("/role") == "-");
    CHECK(refused(node.rest("POST", "/api/chat/rooms", R"({"name":"x","studyId":7})")) ==
          "409 study_has_room");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/study/8")) == "404 no_such_room");
}

TEST_CASE("rooms are listed by pages: public ones and one's own, with what is unread") {
    chat_node node;
    for (auto i = 1; i <= 5; ++i)
        node.rest("POST", "/api/chat/rooms", R"({"name":"public","creatorId":1})");
    node.rest("POST", "/api/chat/rooms", R"({"name":"secret","type":"PRIVATE","creatorId":2})");
    node.rest("POST", "/api/chat/rooms", R"({"name":"mine","type":"PRIVATE","creatorId":1})");
    node.rest("POST", "/api/chat/rooms/3/messages", R"({"senderId":1,"content":"x"})");

    std::vector<std::string> ids;
    std::string cursor;
    for (auto page = 0; page < 10; ++page) {
        auto const told = node.rest("GET", "/api/chat/rooms?limit=2&userId=1" +
                                               (cursor.empty() ? "" : "&cursor=" + cursor));
        REQUIRE(told.status == 200);
        for (auto i = 0; told.at("/rooms/" + std::to_string(i)) != "-"; ++i) {
            auto const room = "/rooms/" + std::to_string(i);
            ids.push_back(told.at(room + "/chatRoomId") + ":" + told.at(room + "/unread"));
        }
        cursor = told.at("/nextCursor");
        if (cursor == "null") break;
    }
    CHECK(ids == std::vector<std::string>{"1:0", "2:0", "3:1", "4:0", "5:0", "7:0"});
    CHECK(node.rest("GET", "/api/chat/rooms").at("/rooms/5") == "-");
}

TEST_CASE("a direct room is listed under the name of the other one") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) {
        unit.remember_user(user_id(1), "ann");
        unit.remember_user(user_id(2), "bob");
    });
    node.app("/app/chat.send", R"({"to":2,"message":"hi"})", verified(1));
    CHECK(node.rest("GET", "/api/chat/rooms?userId=1").at("/rooms/0/name") == "bob");
    CHECK(node.rest("GET", "/api/chat/rooms?userId=2").at("/rooms/0/name") == "ann");
    CHECK(node.rest("GET", "/api/chat/rooms?userId=2").at("/rooms/0/type") == "DIRECT");
    CHECK(node.rest("GET", "/api/chat/rooms/1?userId=2").at("/name") == "ann");
    CHECK(node.rest("GET", "/api/chat/rooms?userId=3").at("/rooms/0") == "-");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1?userId=3")) == "403 not_a_member");
}

TEST_CASE("joining and leaving over REST is seen in the room") {
    chat_node node;
    ensure_lobby(node.store());
    auto const joined =
        node.rest("POST", "/api/chat/rooms/1/join", R"({"userId":5,"nickname":"eve"})");
    CHECK(joined.status == 200);
    CHECK(joined.at("/member") == "true");
    CHECK(joined.at("/memberCount") == "1");
    CHECK(joined.at("/lastSeq") == "1");
    CHECK(joined.at("/unread") == "0");
    CHECK(node.rest("GET", "/api/chat/rooms/1?userId=5").body == joined.body);
    CHECK(node.rest("POST", "/api/chat/rooms/1/join", {}, {{"X-User-Id", "5"}}).status == 200);

    auto const left = node.rest("POST", "/api/chat/rooms/1/leave", R"({"memberId":"5"})");
    CHECK(left.status == 204);
    CHECK(left.body.empty());
    CHECK(refused(node.rest("POST", "/api/chat/rooms/1/leave", R"({"userId":5})")) ==
          "403 not_a_member");
    CHECK(
        node.bus.take() ==
        std::vector<std::string>{
            R"(topic /topic/chatroom/1 {"chatRoomId":1,"messageId":1,"seq":1,"senderId":5,"senderNickname":"eve","content":"","messageType":"JOIN"})",
            R"(topic /topic/chatroom/1 {"chatRoomId":1,"messageId":2,"seq":2,"senderId":5,"senderNickname":"eve","content":"","messageType":"LEAVE"})",
            "ended 5 /topic/chatroom/1"});
}

TEST_CASE("members are added by those who may") {
    chat_node node({}, false);
    auto const make = [&](std::string_view type) {
        return node
            .rest("POST", "/api/chat/rooms", R"({"name":"r","type":")" + std::string(type) + "\"}",
                  bearer("1"))
            .status;
    };
    REQUIRE(make("PUBLIC") == 201);
    REQUIRE(make("PRIVATE") == 201);
    auto const add = [&](int room, int member, std::string token) {
        auto const told = node.rest("POST", "/api/chat/rooms/member",
                                    R"({"chatRoomId":)" + std::to_string(room) + R"(,"memberId":)" +
                                        std::to_string(member) + R"(,"nickname":"n"})",
                                    bearer(std::move(token)));
        return told.status == 201 ? "201 " + told.at("/memberId") : refused(told);
    };
    CHECK(add(1, 2, "2") == "201 2");
    CHECK(add(1, 3, "2") == "403 forbidden");
    CHECK(add(1, 3, "1") == "201 3");
    CHECK(add(1, 3, "1") == "409 already_a_member");
    CHECK(add(1, 4, "service") == "201 4");
    CHECK(add(2, 2, "2") == "403 room_private");
    CHECK(add(2, 2, "1") == "201 2");
    CHECK(add(2, 3, "2") == "403 forbidden");
    CHECK(add(2, 3, "guest") == "403 forbidden");
    CHECK(add(9, 3, "1") == "404 no_such_room");
    CHECK(node.bus.messages().size() == 4);

    auto const listed = node.rest("GET", "/api/chat/rooms/1/members?limit=3", {}, bearer("2"));
    CHECK(listed.at("/members/0/role") == "OWNER");
    CHECK(listed.at("/members/1/memberId") == "2");
    CHECK(listed.at("/members/1/role") == "MEMBER");
    CHECK(listed.at("/members/3") == "-");
    auto const rest = node.rest(
        "GET", "/api/chat/rooms/1/members?cursor=" + listed.at("/nextCursor"), {}, bearer("2"));
    CHECK(rest.at("/members/0/memberId") == "4");
    CHECK(rest.at("/nextCursor") == "null");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/members", {}, bearer("9"))) ==
          "403 not_a_member");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/2/members?cursor=" + listed.at("/nextCursor"),
                            {}, bearer("1"))) == "400 bad_cursor");
}

TEST_CASE("a study's room and its member are made in one call, however often it is said") {
    chat_node node({}, false);
    auto const say = [&](std::string_view body, std::string token) {
        return node.rest("POST", "/api/chat/internal/rooms/member", body, bearer(std::move(token)));
    };
    auto const first = say(R"({"studyId":7,"memberId":1,"nickname":"ann"})", "service");
    CHECK(first.status == 201);
    CHECK(first.at("/name") == "Study 7");
    CHECK(first.at("/memberCount") == "1");
    auto const again = say(R"({"studyId":7,"memberId":1,"nickname":"ann"})", "service");
    CHECK(again.status == 200);
    CHECK(again.at("/lastSeq") == "1");
    auto const second = say(R"({"studyId":"7","memberId":"2"})", "service");
    CHECK(second.status == 200);
    CHECK(second.at("/memberCount") == "2");
    CHECK(second.at("/nickname") == "user 2");
    CHECK(refused(say(R"({"memberId":2})", "service")) == "400 bad_field");
    CHECK(refused(say(R"({"studyId":7,"memberId":3})", "3")) == "403 forbidden");
    CHECK(node.bus.messages().size() == 2);
}

TEST_CASE("a message that is sent over REST is stored, answered and published") {
    chat_node node;
    node.rest("POST", "/api/chat/rooms", R"({"name":"r","creatorId":1,"nickname":"ann"})");
    auto const send = [&](std::string_view body, headers extra = {}) {
        return node.rest("POST", "/api/chat/rooms/1/messages", body, std::move(extra));
    };
    auto const sent = send(R"({"senderId":1,"content":"hi"})", {{"Idempotency-Key", "k"}});
    CHECK(sent.status == 201);
    CHECK(sent.at("/seq") == "1");
    CHECK(sent.at("/senderNickname") == "ann");
    REQUIRE(node.bus.messages().size() == 1);
    CHECK(node.bus.messages()[0]->body() == sent.body);

    auto const again = send(R"({"senderId":1,"content":"hi"})", {{"idempotency-key", "k"}});
    CHECK(again.status == 200);
    CHECK(again.body == sent.body);
    CHECK(node.bus.messages().size() == 1);

    CHECK(refused(send(R"({"senderId":1,"content":"ho"})", {{"Idempotency-Key", "k"}})) ==
          "409 idempotency_conflict");
    CHECK(refused(send(R"({"senderId":1,"content":"x"})",
                       {{"Idempotency-Key", std::string(201, 'k')}})) == "400 bad_field");
    CHECK(refused(send(R"({"senderId":1,"content":""})")) == "400 content_empty");
    CHECK(refused(send(R"({"senderId":1,"content":")" + std::string(5001, 'x') + "\"}")) ==
          "400 content_too_long");
    CHECK(refused(send(R"({"senderId":2,"content":"x"})")) == "403 not_a_member");
    CHECK(refused(send(R"({"content":"x"})")) == "401 caller_unknown");
    CHECK(refused(send(R"({"senderId":2,"content":"x"})", bearer("1"))) == "403 sender_mismatch");
    CHECK(refused(node.rest("POST", "/api/chat/rooms/8/messages",
                            R"({"senderId":1,"content":"x"})")) == "404 no_such_room");
    CHECK(node.bus.messages().size() == 1);
}

TEST_CASE("the history is read by pages in both directions") {
    chat_node node;
    node.rest("POST", "/api/chat/rooms", R"({"name":"r","creatorId":1})");
    for (auto i = 0; i < 7; ++i) node.app("/app/room/1/send", R"({"senderId":1,"content":"x"})");

    auto const walk = [&](std::string query, std::string_view path) {
        std::string seqs;
        for (auto page = 0; page < 10; ++page) {
            auto const told = node.rest("GET", std::string(path) + "?limit=3" + query);
            CHECK(told.at("/lastSeq") == "7");
            for (auto i = 0; told.at("/messages/" + std::to_string(i)) != "-"; ++i)
                seqs += told.at("/messages/" + std::to_string(i) + "/seq");
            if (told.at("/nextCursor") == "null") break;
            seqs += " ";
            query = "&cursor=" + told.at("/nextCursor");
        }
        return seqs;
    };
    CHECK(walk("", "/api/chat/rooms/1/messages") == "765 432 1");
    CHECK(walk("", "/api/channels/1/messages") == "765 432 1");
    CHECK(walk("&after=0", "/api/chat/rooms/1/messages") == "123 456 7");
    CHECK(walk("&after=4", "/api/chat/rooms/1/messages") == "567");
    CHECK(walk("&after=7", "/api/chat/rooms/1/messages").empty());

    auto const cursor = node.rest("GET", "/api/chat/rooms/1/messages?limit=1").at("/nextCursor");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/messages?after=1&cursor=" + cursor)) ==
          "400 bad_field");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/2/messages?cursor=" + cursor)) ==
          "400 bad_cursor");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/messages?cursor=xyz")) == "400 bad_cursor");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/9/messages")) == "404 no_such_room");
    for (auto const* limit : {"0", "101", "-1", "x", "", "1.5"}) {
        CAPTURE(limit);
        CHECK(refused(node.rest("GET", std::string("/api/chat/rooms/1/messages?limit=") + limit)) ==
              "400 bad_field");
    }
    CHECK(node.rest("GET", "/api/chat/rooms/1/messages?limit=100").status == 200);
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/messages?after=x")) == "400 bad_field");
}

TEST_CASE("the history is for those who may read the room") {
    chat_node node({}, false);
    node.rest("POST", "/api/chat/rooms", R"({"name":"r"})", bearer("1"));
    CHECK(node.rest("GET", "/api/chat/rooms/1/messages", {}, bearer("1")).status == 200);
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/messages", {}, bearer("2"))) ==
          "403 not_a_member");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/messages?userId=1", {}, bearer("2"))) ==
          "403 sender_mismatch");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/messages", {},
                            {{"Authorization", "Bearer 2"}, {"X-User-Id", "1"}})) ==
          "403 sender_mismatch");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/messages", {}, bearer("guest"))) ==
          "401 caller_unknown");
    CHECK(node.rest("GET", "/api/chat/rooms/1/messages?userId=1", {}, bearer("service")).status ==
          200);
}

TEST_CASE("reading moves forward only, and unread is what is left") {
    chat_node node;
    node.rest("POST", "/api/chat/rooms", R"({"name":"r","creatorId":1})");
    for (auto i = 0; i < 3; ++i) node.app("/app/room/1/send", R"({"senderId":1,"content":"x"})");
    auto const unread = [&] { return node.rest("GET", "/api/chat/rooms/1/unread?userId=1").body; };
    CHECK(unread() == R"({"chatRoomId":1,"unread":3,"lastReadSeq":0,"lastSeq":3})");
    auto const read = [&](std::string_view body) {
        return node.rest("POST", "/api/chat/rooms/1/read", body).body;
    };
    CHECK(read(R"({"userId":1,"lastReadSeq":2})") ==
          R"({"chatRoomId":1,"unread":1,"lastReadSeq":2,"lastSeq":3})");
    CHECK(unread() == R"({"chatRoomId":1,"unread":1,"lastReadSeq":2,"lastSeq":3})");
    CHECK(read(R"({"userId":1,"lastReadSeq":1})") ==
          R"({"chatRoomId":1,"unread":1,"lastReadSeq":2,"lastSeq":3})");
    CHECK(read(R"({"userId":1,"lastReadSeq":99})") ==
          R"({"chatRoomId":1,"unread":0,"lastReadSeq":3,"lastSeq":3})");
    CHECK(node.rest("POST", "/api/chat/rooms/1/read", {}, {{"X-User-Id", "1"}}).status == 200);
    CHECK(refused(node.rest("POST", "/api/chat/rooms/1/read", R"({"userId":2})")) ==
          "403 not_a_member");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/unread?userId=2")) == "403 not_a_member");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/1/unread")) == "401 caller_unknown");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/2/unread?userId=1")) == "404 no_such_room");
}

TEST_CASE("a channel is a room") {
    chat_node node;
    auto const made = node.rest("POST", "/api/channels", R"({"name":"general","creatorId":"1"})");
    CHECK(made.status == 201);
    CHECK(made.at("/channelId") == "1");
    CHECK(made.at("/chatRoomId") == "1");
    CHECK(node.rest("GET", "/api/chat/rooms/1").at("/name") == "general");
}

TEST_CASE("every error has the same shape, whatever is wrong") {
    chat_node node;
    CHECK(refused(node.rest("GET", "/api/nothing")) == "404 no_such_destination");
    CHECK(refused(node.rest("GET", "/api")) == "404 no_such_destination");
    auto const odd = node.rest("GET", "/api/\xff\x01%20\"~");
    CHECK(refused(odd) == "404 no_such_destination");
    CHECK(odd.at("/instance") == "/api/%FF%01%20\"~");
    auto const put = node.rest("PUT", "/api/chat/rooms");
    CHECK(refused(put) == "405 method_not_allowed");
    CHECK(put.header("Allow") == "POST, GET, HEAD");
    CHECK(node.rest("OPTIONS", "/api/chat/rooms").status == 204);
    CHECK(refused(node.rest("POST", "/api/openapi.yaml")) == "405 method_not_allowed");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/abc")) == "404 no_such_room");
    CHECK(refused(node.rest("GET", "/api/chat/rooms/%31")) == "404 no_such_room");
    CHECK(refused(node.rest("POST", "/api/chat/rooms", "{")) == "400 bad_json");
    CHECK(refused(node.rest("POST", "/api/chat/rooms")) == "400 bad_json");
    CHECK(node.rest("POST", "/api/chat/rooms", R"({"type":"x"})").at("/detail") ==
          "The field 'type' must be one of PUBLIC PRIVATE DIRECT.");
    CHECK(refused(node.rest("POST", "/api/chat/rooms", "name=x",
                            {{"Content-Type", "application/x-www-form-urlencoded"}})) ==
          "415 unsupported_media");
    CHECK(node.rest("POST", "/api/chat/rooms", R"({"name":"x"})",
                    {{"Content-Type", "Application/JSON; charset=utf-8"}})
              .status == 201);
    CHECK(refused(node.rest("GET", "/api/chat/rooms?userId=x")) == "400 bad_field");
    CHECK(refused(node.rest("GET", "/api/chat/rooms", {}, {{"X-User-Id", "me"}})) ==
          "400 bad_field");
    CHECK(refused(node.rest("GET", "/api/chat/rooms?userId=2", {}, {{"X-User-Id", "1"}})) ==
          "400 bad_field");
    auto const refused_token = node.rest("GET", "/api/chat/rooms", {}, bearer("x"));
    CHECK(refused(refused_token) == "401 token_invalid");
    CHECK(refused_token.header("WWW-Authenticate") == "Bearer");
    auto const unchecked = node.rest("GET", "/api/chat/rooms", {}, bearer("unchecked"));
    CHECK(refused(unchecked) == "503 auth_unavailable");
    CHECK(unchecked.header("Retry-After") == "5");
    CHECK(unchecked.header("WWW-Authenticate").empty());
    node.authenticator.open_mode = false;
    CHECK(refused(node.rest("GET", "/api/chat/rooms")) == "401 credentials_missing");
}

TEST_CASE("pages of allowed origins see the answers, others are refused") {
    chat_node node;
    headers const good{{"Origin", "http://page.example"}};
    auto const seen = node.rest("GET", "/api/chat/rooms", {}, good);
    CHECK(seen.status == 200);
    CHECK(seen.header("Access-Control-Allow-Origin") == "http://page.example");
    CHECK(seen.header("Vary") == "Origin");
    CHECK(node.rest("GET", "/api/nothing", {}, good).header("Access-Control-Allow-Origin") ==
          "http://page.example");
    CHECK(node.rest("GET", "/api/chat/rooms").header("Access-Control-Allow-Origin").empty());

    auto const preflight = node.rest("OPTIONS", "/api/chat/rooms/1/messages", {}, good);
    CHECK(preflight.status == 204);
    CHECK(preflight.header("Access-Control-Allow-Methods") == "GET, HEAD, POST");
    CHECK(preflight.header("Access-Control-Allow-Headers").find("X-User-Id") != std::string::npos);

    headers const evil{{"Origin", "http://evil.example"}};
    auto const denied = node.rest("POST", "/api/chat/rooms", R"({"name":"x"})", evil);
    CHECK(refused(denied) == "403 forbidden");
    CHECK(denied.header("Access-Control-Allow-Origin").empty());
    CHECK(node.rest("OPTIONS", "/api/chat/rooms", {}, evil).status == 403);
    CHECK(node.rest("GET", "/api/chat/rooms").at("/rooms/0") == "-");
}

TEST_CASE("verified credentials that name no user make no room of their own") {
    chat_node node({}, false);
    CHECK(refused(node.rest("POST", "/api/chat/rooms", R"({"name":"x"})", bearer("guest"))) ==
          "401 caller_unknown");
    CHECK(refused(node.rest("POST", "/api/chat/rooms", R"({"name":"x","creatorId":1})",
                            bearer("guest"))) == "403 sender_mismatch");
    auto const made = node.rest("POST", "/api/chat/rooms", R"({"name":"x"})", bearer("service"));
    CHECK(made.status == 201);
    CHECK(made.at("/memberCount") == "0");
}
