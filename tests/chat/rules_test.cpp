#include "chat/errors.hpp"
#include "chat/idempotency_key.hpp"
#include "chat/identity.hpp"
#include "chat/json/wire_names.hpp"
#include "chat/operations/sending.hpp"
#include "chat/rest/date_time.hpp"
#include "chat/room_topic.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace chat;

namespace {

broker::principal someone(std::optional<std::uint64_t> user, bool unverified,
                          std::vector<std::string> roles = {}) {
    broker::principal who;
    who.user_id = user;
    who.roles = std::move(roles);
    who.unverified = unverified;
    return who;
}

// The user that acts, or the code of the refusal.
std::string acting(broker::principal const& who, std::optional<user_id> named) {
    auto const user = acting_user(identity_of(who), named);
    return user.has_value() ? std::to_string(user->value)
                            : std::string(describe(user.error().code).code);
}

}  // namespace

TEST_CASE("every error has a code of its own, an error status and a sentence") {
    std::set<std::string_view> codes;
    for (auto value = 1; value <= static_cast<int>(errc::unsupported_media); ++value) {
        auto const& row = describe(static_cast<errc>(value));
        CHECK(static_cast<int>(row.value) == value);
        CHECK(codes.insert(row.code).second);
        CHECK(row.http_status >= 400);
        CHECK(row.title.ends_with('.'));
        CHECK(make_error_code(row.value).message() == row.title);
    }
}

TEST_CASE("verified credentials act as their user and as nobody else") {
    auto const ann = someone(1, false);
    CHECK(acting(ann, {}) == "1");
    CHECK(acting(ann, user_id(1)) == "1");
    CHECK(acting(ann, user_id(2)) == "sender_mismatch");
}

TEST_CASE("verified credentials without a user act as nobody") {
    auto const guest = someone({}, false);
    CHECK(acting(guest, {}) == "caller_unknown");
    CHECK(acting(guest, user_id(2)) == "sender_mismatch");
}

TEST_CASE(
    "in open mode whoever says nothing is believed, and whoever said a number is held to it") {
    auto const anonymous = someone({}, true);
    CHECK(acting(anonymous, {}) == "caller_unknown");
    // No credentials were given: they are not to blame.
    CHECK(acting_user(identity_of(anonymous), {}).error().sentence() ==
          "Nobody says who acts: neither credentials nor a field of the request.");
    CHECK(acting(anonymous, user_id(2)) == "2");
    auto const seven = someone(7, true);
    CHECK(acting(seven, {}) == "7");
    CHECK(acting(seven, user_id(2)) == "sender_mismatch");
}

TEST_CASE("a back end acts for any user") {
    CHECK(acting(someone({}, false, {"service"}), user_id(2)) == "2");
    CHECK(acting(someone(1, false, {"service"}), user_id(2)) == "2");
    CHECK(acting(someone({}, false, {"service"}), {}) == "caller_unknown");
}

TEST_CASE("content is limited in code points, and blanks are none") {
    chat_options const options{.max_content_length = 5};
    auto const code = [&](std::string_view content) {
        auto const problem = operations::content_problem(content, options);
        return problem ? describe(problem->code).code : "fine";
    };
    CHECK(code("") == "content_empty");
    CHECK(code(" \t\r\n") == "content_empty");
    CHECK(code("\u00a0\u3000\u200b \u3164\u2800\ufeff\n") == "content_empty");
    CHECK(code("\u200b.") == "fine");
    CHECK(code("\u3000\u3001") == "fine");
    CHECK(code("\U0001f600") == "fine");
    CHECK(code("12345") == "fine");
    CHECK(code("123456") == "content_too_long");
    CHECK(code("안녕하세요") == "fine");
    CHECK(code("안녕하세요!") == "content_too_long");
}

TEST_CASE("a time is read as RFC 3339 writes it, and a date alone") {
    auto const seconds_of = [](std::string_view text) -> std::optional<double> {
        auto const time = rest::parse_date_time(text);
        if (!time) return std::nullopt;
        return std::chrono::duration<double>(time->time_since_epoch()).count();
    };
    CHECK(seconds_of("1970-01-02") == 86'400);
    CHECK(seconds_of("1970-01-01T00:01Z") == 60);
    CHECK(seconds_of("1970-01-01t00:00:01z") == 1);
    CHECK(seconds_of("1970-01-01T00:00:01.5Z") == 1.5);
    CHECK(seconds_of("1970-01-01T00:00:01.0259999999999999999999Z") == 1.025);
    CHECK(seconds_of("1970-01-01T09:00:00+09:00") == 0);
    CHECK(seconds_of("1969-12-31T22:29:00.25-01:30") == -59.75);
    CHECK(seconds_of("1970-01-01T00:00:00-00:00") == 0);
    CHECK(seconds_of("1972-06-30T23:59:60Z") == seconds_of("1972-07-01T00:00:00Z"));
    CHECK(seconds_of("2024-02-29").has_value());
    for (auto const* other : {"",
                              "1970",
                              "1970-01",
                              "1970-1-1",
                              "1970-01-01T",
                              "1970-01-01T00",
                              "1970-01-01T00Z",
                              "1970-01-01T00:00",
                              "1970-01-01T24:00Z",
                              "1970-01-01T00:60Z",
                              "1970-01-01T00:00:61Z",
                              "1970-01-01T00:00:00.Z",
                              "1970-01-01T00:00:00Z ",
                              "1970-01-01T00:00:00+09",
                              "1970-01-01T00:00:00+24:00",
                              "1970-01-01T00:00:00+09:60",
                              "1970-01-01T00:00:00 09:00",
                              "1970-01-01 00:00:00Z",
                              "1970-02-30",
                              "1970-13-01",
                              "1970-00-01",
                              "+970-01-01",
                              "-970-01-01",
                              "1970-01--1",
                              "1970-01-01T-1:00Z"}) {
        CAPTURE(other);
        CHECK_FALSE(seconds_of(other));
    }
}

TEST_CASE("a room's topic has one spelling") {
    CHECK(room_of_topic("/topic/chatroom/1") == room_id(1));
    CHECK(room_of_topic("/topic/chatroom/9223372036854775807").has_value());
    CHECK(topic_of_room(room_id(42)) == "/topic/chatroom/42");
    for (auto const* other :
         {"/topic/chatroom/", "/topic/chatroom/0", "/topic/chatroom/01", "/topic/chatroom/+1",
          "/topic/chatroom/-1", "/topic/chatroom/1/", "/topic/chatroom/1.", "/topic/chatroom/1 ",
          "/topic/chatroom/*", "/topic/chatroom/9223372036854775808", "/topic/chatroom/1x",
          "/topic/chatroom/99999999999999999999", "/topic/chatrooms/1", "topic/chatroom/1"}) {
        CAPTURE(other);
        CHECK_FALSE(room_of_topic(other));
    }
}

TEST_CASE("an idempotency key is short and can be stored") {
    CHECK(*check_idempotency_key("") == "");
    CHECK(*check_idempotency_key("3f2c-안") == "3f2c-안");
    CHECK(check_idempotency_key(std::string(200, 'k')).has_value());
    for (auto const& bad : {std::string(201, 'k'), std::string("\xff"), std::string("a\0b", 3)})
        CHECK(check_idempotency_key(bad).error().code == errc::bad_field);
}

TEST_CASE("names on the wire are compared without case") {
    CHECK(json::place_of("Private", json::room_types) == 1);
    CHECK_FALSE(json::place_of("PRIVAT", json::room_types));
    CHECK(json::name_of(message_type::leave) == "LEAVE");
    CHECK(json::name_of(member_role::owner) == "OWNER");
}
