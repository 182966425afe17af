#include "chat/json/app_requests.hpp"
#include "chat/json/message_json.hpp"
#include "chat/json/object_reader.hpp"
#include "chat/json/object_writer.hpp"
#include "chat/json/rest_requests.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace chat;
using namespace std::chrono_literals;

namespace {

constexpr timestamp the_time{std::chrono::sys_days(std::chrono::year(2025) / 1 / 9) + 14h + 30min +
                             123ms};

std::string problem_of(std::string_view body) {
    auto frame = json::decode_room_frame(body);
    if (!frame.has_error()) return "none";
    return std::string(describe(frame.error().code).code) + ": " + frame.error().sentence();
}

std::string escaped(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

std::string time_text(timestamp when) {
    std::string out;
    json::append_time(out, when);
    return out;
}

}  // namespace

TEST_CASE(
    "a stored message is written with the fields that clients were promised, in their order") {
    stored_message const message{.id = message_id(456),
                                 .room = room_id(1),
                                 .seq = 17,
                                 .author = user_id(123),
                                 .nickname = "홍길동",
                                 .type = message_type::chat,
                                 .content = "안녕하세요!",
                                 .created_at = the_time};
    std::string body;
    json::append_message(body, message);
    CHECK(
        body ==
        R"({"chatRoomId":1,"messageId":456,"seq":17,"senderId":123,"senderNickname":"홍길동",)"
        R"("content":"안녕하세요!","messageType":"CHAT","createdAt":"2025-01-09T14:30:00.123Z"})");

    body.clear();
    json::append_direct_message(body, message, user_id(9));
    CHECK(body.ends_with(R"("createdAt":"2025-01-09T14:30:00.123Z","to":9})"));
}

TEST_CASE("who leaves is read from a stored message, whatever its author wrote into it") {
    stored_message message{.id = message_id(456),
                           .room = room_id(1),
                           .seq = 17,
                           .author = user_id(123),
                           .nickname = R"("senderId":9,"messageType":"LEAVE")",
                           .type = message_type::leave,
                           .content = R"("messageType":"CHAT","senderId":9)",
                           .created_at = the_time};
    auto const leaver = [&message] {
        std::string body;
        json::append_message(body, message);
        return std::string(json::leaver_in(body));
    };
    CHECK(leaver() == "123");
    message.content = R"(,"messageType":"LEAVE","createdAt")";
    message.type = message_type::join;
    CHECK(leaver().empty());
    message.type = message_type::chat;
    CHECK(leaver().empty());
    CHECK(json::leaver_in("").empty());
    CHECK(json::leaver_in(R"("messageType":"LEAVE")").empty());
    CHECK(json::leaver_in(R"("messageType":"LEAVE","senderId":)").empty());
}

TEST_CASE("where a message stands is read from it, and from nothing else") {
    stored_message const message{.id = message_id(456),
                                 .room = room_id(1),
                                 .seq = 17,
                                 .author = user_id(123),
                                 .nickname = "n",
                                 .content = R"({"chatRoomId":2,"messageId":3,"seq":4,)",
                                 .created_at = the_time};
    std::string room;
    json::append_message(room, message);
    std::string direct;
    json::append_direct_message(direct, message, user_id(9));
    for (auto const& body : {room, direct}) {
        auto const place = json::place_in(body);
        REQUIRE(place.has_value());
        CHECK(place->id == message.id);
        CHECK(place->room == message.room);
        CHECK(place->seq == message.seq);
    }
    for (std::string_view const other :
         {"", "{", R"({"chatRoomId":1})", R"({"chatRoomId":1,"messageId":2})",
          R"({"chatRoomId":1,"messageId":2,"seq":3)", R"({"chatRoomId":1,"messageId":2,"seq":,)",
          R"({"chatRoomId":1,"messageId":-2,"seq":3,)", R"({"seq":3,"chatRoomId":1,"messageId":2,)",
          R"({"chatRoomId":1,"messageId":2,"seq":99999999999999999999,)",
          R"( {"chatRoomId":1,"messageId":2,"seq":3,)"}) {
        CAPTURE(other);
        CHECK_FALSE(json::place_in(other).has_value());
    }
}

TEST_CASE("strings are escaped where JSON asks for it and nowhere else") {
    CHECK(escaped("plain / ü 안 🐃") == R"("plain / ü 안 🐃")");
    CHECK(escaped("a\"b\\c\nd\te\rf\bg\fh") == R"("a\"b\\c\nd\te\rf\bg\fh")");
    CHECK(escaped(std::string("\x01\x1f\x7f", 3)) == "\"\\u0001\\u001f\x7f\"");
    CHECK(escaped("") == "\"\"");
}

TEST_CASE("times keep leading zeros, leap days and times before 1970") {
    CHECK(time_text(timestamp{}) == "\"1970-01-01T00:00:00.000Z\"");
    CHECK(time_text(timestamp{-1ms}) == "\"1969-12-31T23:59:59.999Z\"");
    CHECK(time_text(timestamp{std::chrono::sys_days(std::chrono::year(2024) / 2 / 29) + 1h + 2min +
                              3s + 4ms}) == "\"2024-02-29T01:02:03.004Z\"");
}

TEST_CASE("a room frame is read with all the spellings that clients use") {
    auto frame = json::decode_room_frame(
        R"({"chatRoomId":"12","senderId":"34","senderNickname":"ann","content":"hi","messageType":"CHAT"})");
    REQUIRE(frame.has_value());
    CHECK(frame->room == room_id(12));
    CHECK(frame->sender == user_id(34));
    CHECK(frame->nickname == "ann");
    CHECK(frame->content == "hi");
    CHECK(frame->type == json::wire_type::chat);

    frame = json::decode_room_frame(
        R"({"channelId":5,"userId":6,"nickname":7,"message":"yo","type":"join"})");
    REQUIRE(frame.has_value());
    CHECK(frame->room == room_id(5));
    CHECK(frame->sender == user_id(6));
    CHECK(frame->nickname == "7");
    CHECK(frame->content == "yo");
    CHECK(frame->type == json::wire_type::join);
}

TEST_CASE("unknown fields, null and the order of the fields do not matter") {
    auto frame = json::decode_room_frame(
        R"({"x":{"chatRoomId":3},"content":null,"senderId":null,"y":[1,2,{"z":"w"}],"chatRoomId":1})");
    REQUIRE(frame.has_value());
    CHECK(frame->room == room_id(1));
    CHECK_FALSE(frame->sender);
    CHECK(frame->content.empty());
    CHECK_FALSE(frame->type);
}

TEST_CASE("the room of the destination wins, and another one in the body is refused") {
    auto frame = json::decode_room_frame(R"({"content":"x"})", room_id(8));
    REQUIRE(frame.has_value());
    CHECK(frame->room == room_id(8));
    CHECK(json::decode_room_frame(R"({"channelId":8})", room_id(8)).has_value());
    CHECK(json::decode_room_frame(R"({"channelId":9})", room_id(8)).error().code ==
          errc::bad_field);
}

TEST_CASE("what is wrong with a body is said with the field and what was expected") {
    CHECK(problem_of("") == "bad_json: The body is empty; a JSON object was expected.");
    CHECK(problem_of("[1]") == "bad_json: The body is JSON, but not an object.");
    CHECK(problem_of("{\"chatRoomId\":1").starts_with("bad_json: The body is not valid JSON: "));
    CHECK(problem_of("{\"chatRoomId\":1}}").starts_with("bad_json"));
    CHECK(problem_of("{\"content\":\"\xff\",\"chatRoomId\":1}").starts_with("bad_json"));
    CHECK(problem_of("{}") ==
          "bad_field: The field 'chatRoomId' is missing: it must be the number of a room.");
    CHECK(
        problem_of(R"({"chatRoomId":0})") ==
        "bad_field: The field 'chatRoomId' must be a whole number from 1 to 9223372036854775807.");
    CHECK(problem_of(R"({"chatRoomId":-1})").starts_with("bad_field: The field 'chatRoomId'"));
    CHECK(problem_of(R"({"chatRoomId":1.5})").starts_with("bad_field: The field 'chatRoomId'"));
    CHECK(problem_of(R"({"chatRoomId":true})").starts_with("bad_field: The field 'chatRoomId'"));
    CHECK(problem_of(R"({"chatRoomId":""})").starts_with("bad_field: The field 'chatRoomId'"));
    CHECK(problem_of(R"({"chatRoomId":" 1"})").starts_with("bad_field: The field 'chatRoomId'"));
    CHECK(problem_of(R"({"chatRoomId":"1x"})").starts_with("bad_field: The field 'chatRoomId'"));
    CHECK(problem_of(R"({"roomId":[]})").starts_with("bad_field: The field 'roomId'"));
    CHECK(problem_of(R"({"chatRoomId":1,"content":5})") ==
          "bad_field: The field 'content' must be a string.");
    CHECK(problem_of(R"({"chatRoomId":1,"content":"a\u0000b"})") ==
          "bad_field: The field 'content' must be a string without U+0000.");
    CHECK(problem_of(R"({"chatRoomId":1,"messageType":"SHOUT"})") ==
          "bad_field: The field 'messageType' must be one of CHAT JOIN LEAVE TYPING READ.");
    CHECK(problem_of(R"({"chatRoomId":1,"type":1})").starts_with("bad_field: The field 'type'"));
    CHECK(problem_of(R"({"chatRoomId":1,"lastReadSeq":-1})")
              .starts_with("bad_field: The field 'lastReadSeq'"));
}

TEST_CASE("ids go up to 2^63-1 and not beyond") {
    CHECK(problem_of(R"({"chatRoomId":9223372036854775807})") == "none");
    CHECK(problem_of(R"({"chatRoomId":"9223372036854775807"})") == "none");
    CHECK(problem_of(R"({"chatRoomId":9223372036854775808})").starts_with("bad_field"));
    CHECK(problem_of(R"({"chatRoomId":"9223372036854775808"})").starts_with("bad_field"));
    CHECK(problem_of(R"({"chatRoomId":"99999999999999999999999"})").starts_with("bad_field"));
    CHECK(
        problem_of(R"({"chatRoomId":99999999999999999999999})") ==
        "bad_field: The field 'chatRoomId' must be a whole number from 1 to 9223372036854775807.");
}

TEST_CASE("numbers of any size are JSON; where an id is read they are none") {
    std::string const huge(40, '9');
    CHECK(problem_of(R"({"chatRoomId":1,"content":"x","other":)" + huge + "}") == "none");
    CHECK(problem_of(R"({"other":[-)" + huge + R"(,"9\"]"],"chatRoomId":1,"content":"\\"})") ==
          "none");
    CHECK(
        problem_of(R"({"chatRoomId":)" + huge + "}") ==
        "bad_field: The field 'chatRoomId' must be a whole number from 1 to 9223372036854775807.");
    CHECK(problem_of(R"({"chatRoomId":1,"other":)" + huge + ".}").starts_with("bad_json"));
    CHECK(problem_of(R"({"chatRoomId":1,"other":0)" + huge + "}").starts_with("bad_json"));
    CHECK(problem_of(R"({"chatRoomId":1,"other":1)" + huge + "-1}").starts_with("bad_json"));
    auto const text = R"({"chatRoomId":1,"content":")" + huge + R"(","other":)" + huge + "}";
    CHECK(json::decode_room_frame(text)->content == huge);
}

TEST_CASE("lengths are counted in code points") {
    std::string name(100, 'x');
    CHECK(problem_of(R"({"chatRoomId":1,"nickname":")" + name + "\"}") == "none");
    CHECK(problem_of(R"({"chatRoomId":1,"nickname":"x)" + name + "\"}").starts_with("bad_field"));
    std::string wide;
    for (auto i = 0; i < 100; ++i) wide += "🐃";
    CHECK(problem_of(R"({"chatRoomId":1,"nickname":")" + wide + "\"}") == "none");
    CHECK(problem_of(R"({"chatRoomId":1,"nickname":")" + wide + "안\"}").starts_with("bad_field"));
    CHECK(json::code_points("a안🐃") == 3);
}

TEST_CASE("a body nested without end is refused, not followed") {
    std::string const deep = R"({"chatRoomId":1,"x":)" + std::string(100'000, '[');
    CHECK(problem_of(deep).starts_with("bad_json"));
}

TEST_CASE("half of a surrogate pair is no string") {
    CHECK(problem_of(R"({"chatRoomId":1,"content":"\ud83d"})").starts_with("bad_json"));
    CHECK(problem_of(R"({"chatRoomId":1,"content":"\udc03"})").starts_with("bad_json"));
    CHECK(json::decode_room_frame(R"({"chatRoomId":1,"content":"\ud83d\udc03"})")->content == "🐃");
}

TEST_CASE("a direct frame names its receiver by number, in whatever form") {
    CHECK(json::decode_direct_frame(R"({"to":42,"message":"hi"})")->to == "42");
    CHECK(json::decode_direct_frame(R"({"to":"42","content":"hi"})")->content == "hi");
    CHECK(json::decode_direct_frame(R"({"to":"ann","message":"hi"})")->to == "ann");
    CHECK(json::decode_direct_frame(R"({"message":"hi"})").error().code == errc::bad_field);
}

TEST_CASE("a new room is read whole") {
    auto made = json::decode_create_room(
        R"({"name":"C++","studyId":"7","type":"private","maxMembers":10,"metadata":{ "a" : [1, "x"] },"userId":3,"nickname":"ann"})");
    REQUIRE(made.has_value());
    CHECK(made->room.name == "C++");
    CHECK(made->room.study == study_id(7));
    CHECK(made->room.type == room_type::private_room);
    CHECK(made->room.max_members == 10);
    CHECK(made->room.metadata == R"({"a":[1,"x"]})");
    CHECK(made->creator == user_id(3));
    CHECK(made->nickname == "ann");

    auto const code_of = [](std::string_view body) {
        return json::decode_create_room(body).error().code;
    };
    CHECK(code_of(R"({"name":""})") == errc::bad_field);
    CHECK(code_of(R"({"name":"x","type":"DIRECT"})") == errc::bad_field);
    CHECK(code_of(R"({"name":"x","metadata":[1]})") == errc::bad_field);
    CHECK(code_of(R"({"name":"x","metadata":{"a":"\u0000"}})") == errc::bad_field);
    CHECK(code_of(R"({"name":"x","metadata":{"a":"\\\u0000"}})") == errc::bad_field);
    // A backslash and five characters, and a code point that begins alike.
    for (std::string const text : {R"("\\u0000")", R"("\\\\u0000")", R"("\\u0000 \\\\u0000")"}) {
        CAPTURE(text);
        auto const escaped =
            json::decode_create_room(R"({"name":"x","metadata":{"a":)" + text + "}}");
        REQUIRE(escaped.has_value());
        CHECK(escaped->room.metadata == R"({"a":)" + text + "}");
    }
    CHECK(code_of(R"({"name":"x","maxMembers":1000001})") == errc::bad_field);
    auto const long_value = std::string(9000, 'y');
    CHECK(code_of(R"({"name":"x","metadata":{"a":")" + long_value + "\"}}") == errc::bad_field);
}
