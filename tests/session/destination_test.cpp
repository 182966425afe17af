#include "broker/routing/destination.hpp"

#include <doctest/doctest.h>

namespace {

using namespace broker;

boost::system::error_code error_of(std::string_view text) {
    auto const parsed = parse_destination(text);
    REQUIRE_MESSAGE(parsed.has_error(), text);
    return parsed.error();
}

destination parsed(std::string_view text) {
    auto const result = parse_destination(text);
    REQUIRE_MESSAGE(result.has_value(), text);
    return *result;
}

TEST_CASE("the first level says what a destination is") {
    CHECK(parsed("/topic/a").kind == destination_kind::topic);
    CHECK(parsed("/topic/chatroom/1").kind == destination_kind::topic);
    CHECK(parsed("/app/chat.sendMessage").kind == destination_kind::app);
    CHECK(parsed("/queue/work").kind == destination_kind::work_queue);
    CHECK(parsed("/user/queue/errors").kind == destination_kind::user_queue);
    for (auto const* text :
         {"", "topic/a", "/", "/Topic/a", "/topics/a", "//topic/a", "/exchange/x"}) {
        CHECK_MESSAGE(error_of(text) == destination_errc::unknown_prefix, text);
    }
}

TEST_CASE("a level may not be empty") {
    for (auto const* text : {"/topic", "/topic/", "/topic//a", "/topic/a/", "/app", "/user/",
                             "/user//queue/x", "/queue"}) {
        CHECK_MESSAGE(error_of(text) == destination_errc::empty_level, text);
    }
}

TEST_CASE("wildcards are whole levels, those for the rest the last one, and only in topics") {
    for (auto const* text : {"/topic/*", "/topic/**", "/topic/#", "/topic/a/*", "/topic/*/b",
                             "/topic/*/*/c", "/topic/a/*/**"}) {
        CHECK_MESSAGE(parsed(text).kind == destination_kind::topic_pattern, text);
    }
    for (auto const* text :
         {"/topic/a*", "/topic/*a", "/topic/***", "/topic/##", "/topic/**/b", "/topic/#/b",
          "/topic/a#", "/app/*", "/queue/#", "/user/*/queue/x", "/user/queue/*"}) {
        CHECK_MESSAGE(error_of(text) == destination_errc::misplaced_wildcard, text);
    }
}

TEST_CASE("a user's queue is the caller's or names its user") {
    auto const own = parsed("/user/queue/messages");
    CHECK(own.user.empty());
    CHECK(own.queue == "/queue/messages");

    auto const other = parsed("/user/alice/queue/errors");
    CHECK(other.user == "alice");
    CHECK(other.queue == "/queue/errors");

    auto const deep = parsed("/user/queue/a/b");
    CHECK(deep.user.empty());
    CHECK(deep.queue == "/queue/a/b");

    for (auto const* text : {"/user/alice", "/user/queue", "/user/alice/topic/x",
                             "/user/alice/queue", "/user/a/b/queue/x"}) {
        CHECK_MESSAGE(error_of(text) == destination_errc::not_a_user_queue, text);
    }
}

TEST_CASE("a user's name is percent-decoded") {
    CHECK(parsed("/user/a%2Fb/queue/x").user == "a/b");
    CHECK(parsed("/user/a%2fb/queue/x").user == "a/b");
    CHECK(parsed("/user/%ED%99%8D/queue/x").user == "홍");
    CHECK(parsed("/user/홍길동/queue/x").user == "홍길동");
    CHECK(parsed("/user/100%25/queue/x").user == "100%");
    for (auto const* text : {"/user/a%/queue/x", "/user/a%2/queue/x", "/user/%zz/queue/x",
                             "/user/%ff/queue/x", "/user/%00/queue/x", "/user/%0a/queue/x"}) {
        CHECK_MESSAGE(error_of(text) == destination_errc::bad_percent_escape, text);
    }
}

TEST_CASE("control characters and excess are refused") {
    using namespace std::string_view_literals;
    CHECK(error_of("/topic/a\nb") == destination_errc::control_character);
    CHECK(error_of("/topic/a\0b"sv) == destination_errc::control_character);
    CHECK(error_of("/topic/a\x7F") == destination_errc::control_character);
    CHECK(parsed("/topic/한글 방").kind == destination_kind::topic);

    auto const room = std::string("/topic/") + std::string(max_destination_bytes - 7, 'x');
    CHECK(parsed(room).kind == destination_kind::topic);
    CHECK(error_of(room + "x") == destination_errc::too_long);

    std::string levels = "/topic";
    for (std::size_t i = 1; i < max_destination_levels; ++i) levels += "/x";
    CHECK(parsed(levels).kind == destination_kind::topic);
    CHECK(error_of(levels + "/x") == destination_errc::too_many_levels);
}

TEST_CASE("every error has its words") {
    CHECK(error_of("/topic//a").message() == "has an empty level");
    CHECK(error_of("x").message().find("/topic") != std::string::npos);
}

TEST_CASE("a pattern covers what its wildcards stand for") {
    CHECK(matches("/topic/a", "/topic/a"));
    CHECK_FALSE(matches("/topic/a", "/topic/b"));
    CHECK_FALSE(matches("/topic/a", "/topic/a/b"));
    CHECK_FALSE(matches("/topic/a/b", "/topic/a"));

    CHECK(matches("/topic/*", "/topic/a"));
    CHECK_FALSE(matches("/topic/*", "/topic/a/b"));
    CHECK(matches("/topic/*/b", "/topic/a/b"));
    CHECK_FALSE(matches("/topic/*/b", "/topic/a/c"));

    for (auto const* rest : {"/topic/a/**", "/topic/a/#"}) {
        CHECK(matches(rest, "/topic/a"));
        CHECK(matches(rest, "/topic/a/b"));
        CHECK(matches(rest, "/topic/a/b/c"));
        CHECK_FALSE(matches(rest, "/topic/ab"));
    }
    CHECK(matches("/topic/**", "/topic/a/b"));
    CHECK_FALSE(matches("/topic/*/**", "/topic"));
}

}  // namespace
