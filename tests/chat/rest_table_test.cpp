#include "chat/rest/cursor.hpp"
#include "chat/rest/route_table.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace chat;
using namespace chat::rest;

namespace {

std::string found(std::string_view method, std::string_view path) {
    auto const match = find_route(method, path);
    if (match.allow.empty()) return "404";
    if (match.row == nullptr) return "405 " + match.allow;
    std::string text(match.row->path);
    for (auto const parameter : match.parameters) text.append(" ").append(parameter);
    return text;
}

}  // namespace

TEST_CASE("a method and a path find their endpoint") {
    CHECK(found("GET", "/api/chat/rooms") == "/api/chat/rooms");
    CHECK(found("POST", "/api/chat/rooms/") == "/api/chat/rooms");
    CHECK(found("HEAD", "/api/chat/rooms") == "/api/chat/rooms");
    CHECK(found("GET", "/api/chat/rooms/12") == "/api/chat/rooms/{chatRoomId} 12");
    CHECK(found("POST", "/api/chat/rooms/12/join") == "/api/chat/rooms/{chatRoomId}/join 12");
    CHECK(found("GET", "/api/chat/rooms/study/7") == "/api/chat/rooms/study/{studyId} 7");
    CHECK(found("GET", "/api/channels/9/messages") == "/api/channels/{channelId}/messages 9");
    CHECK(found("POST", "/api/chat/rooms/member") == "/api/chat/rooms/member");
}

TEST_CASE("a path without an endpoint is not found, one without the method says which it has") {
    CHECK(found("GET", "/api") == "404");
    CHECK(found("GET", "/api/chat/rooms/1/nothing") == "404");
    CHECK(found("GET", "/api/chat/rooms/1/join/2") == "404");
    CHECK(found("GET", "/api/chat/rooms//join") == "404");
    CHECK(found("PUT", "/api/chat/rooms") == "405 POST, GET, HEAD");
    CHECK(found("DELETE", "/api/chat/rooms/1/messages") == "405 GET, HEAD, POST");
    CHECK(found("GET", "/api/chat/rooms/member") == "405 POST");
}

TEST_CASE("no endpoint is hidden by one before it") {
    for (auto const& row : routes()) {
        CAPTURE(row.path);
        CHECK(find_route(row.method, row.path).row == &row);
    }
}

TEST_CASE("a cursor comes back as it was made") {
    for (auto const position : {std::uint64_t(0), std::uint64_t(1), ~std::uint64_t(0)}) {
        auto const word = make_cursor(cursor_kind::messages_before, 7, position);
        CHECK(*read_cursor(word, cursor_kind::messages_before, 7) == position);
    }
}

TEST_CASE("a cursor of another list, a changed one and a made-up one are refused") {
    auto const word = make_cursor(cursor_kind::messages_before, 7, 100);
    auto const code = [](auto const& outcome) { return outcome.error().code; };
    CHECK(code(read_cursor(word, cursor_kind::messages_before, 8)) == errc::bad_cursor);
    CHECK(code(read_cursor(word, cursor_kind::messages_after, 7)) == errc::bad_cursor);
    for (std::size_t i = 0; i < word.size(); ++i) {
        auto changed = word;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        CHECK(code(read_cursor(changed, cursor_kind::messages_before, 7)) == errc::bad_cursor);
    }
    for (auto const* made_up :
         {"", "17", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "not a cursor at all !!!!!!!!"})
        CHECK(code(read_cursor(made_up, cursor_kind::messages_before, 7)) == errc::bad_cursor);
}
