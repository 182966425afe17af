#include "node/event_log.hpp"
#include "node/session_log.hpp"

#include <doctest/doctest.h>
#include <string>
#include <string_view>

using namespace std::string_literals;

namespace {

std::string logged(std::string_view value) {
    std::string out;
    node::append_log_value(out, value);
    return out;
}

}  // namespace

TEST_CASE("plain values stand in quotes as they are") {
    CHECK(logged("") == R"("")");
    CHECK(logged("node-1 /topic/a") == R"("node-1 /topic/a")");
    CHECK(logged("안녕 🦬 é") == R"("안녕 🦬 é")");
}

TEST_CASE("a value can end neither its quotes nor its line") {
    CHECK(logged("a\"b\\c") == R"("a\"b\\c")");
    CHECK(logged("a\nb\rc\td") == R"("a\u000ab\u000dc\u0009d")");
    CHECK(logged("\0"s) == R"("\u0000")");
    CHECK(logged("x\" level=\"error\n2025-01-09T12:00:00.000Z error forged") ==
          R"("x\" level=\"error\u000a2025-01-09T12:00:00.000Z error forged")");
    // NEL and the separators end lines, too, for some.
    CHECK(logged("a\u0085b\u2028c\u2029d") == R"("a\u0085b\u2028c\u2029d")");
}

TEST_CASE("a value can neither move a terminal's cursor nor turn its writing") {
    CHECK(logged("\x1b[2J\x7f") == R"("\u001b[2J\u007f")");
    CHECK(logged("\u009b31m") == R"("\u009b31m")");
    CHECK(logged("\u202egnp.exe") == R"("\u202egnp.exe")");
    CHECK(logged("\u2066x\u2069\u200f\ufeff") == R"("\u2066x\u2069\u200f\ufeff")");
}

TEST_CASE("what is not UTF-8 is replaced, so that a line is always JSON") {
    CHECK(logged("a\xff\xfe"s + "b") == R"("a\ufffd\ufffdb")");
    CHECK(logged("\xc3") == R"("\ufffd")");
    CHECK(logged("\xed\xa0\x80") == R"("\ufffd\ufffd\ufffd")");  // a surrogate
}

TEST_CASE("a value that is too long is cut between two characters") {
    CHECK(logged(std::string(2000, 'x')) == '"' + std::string(2000, 'x') + '"');
    auto const cut = logged(std::string(100'000, 'x'));
    CHECK(cut.size() < 2100);
    CHECK(cut.ends_with("...\""));
    std::string wide;
    for (int i = 0; i != 3000; ++i) wide += "é";
    auto const shorter = logged(wide);
    CHECK(shorter.starts_with("\"éé"));
    CHECK(shorter.ends_with("é...\""));
}

TEST_CASE("the session id in an address of SockJS is not logged") {
    CHECK(node::loggable_path("/ws-chat/000/3fq7t2wz/xhr_send", "/ws-chat") ==
          "/ws-chat/_/_/xhr_send");
    CHECK(node::loggable_path("/ws-chat/000/3fq7t2wz", "/ws-chat") == "/ws-chat/_/_/_");
    CHECK(node::loggable_path("/ws-chat/info", "/ws-chat") == "/ws-chat/info");
    CHECK(node::loggable_path("/ws-chat", "/ws-chat") == "/ws-chat");
    CHECK(node::loggable_path("/ws-chats/a/b", "/ws-chat") == "/ws-chats/a/b");
    CHECK(node::loggable_path("/api/chat/rooms/1", "/ws-chat") == "/api/chat/rooms/1");
}
