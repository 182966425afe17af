#include "bench/client/sockjs_codec.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace bench;

namespace {

struct decoded {
    std::vector<std::string> strings;
    bool broken;
    bool operator==(decoded const&) const = default;
};

decoded decode(std::string_view text) {
    decoded out{{}, false};
    std::string scratch;
    json_strings strings(text);
    while (auto const next = strings.next(scratch)) out.strings.emplace_back(*next);
    out.broken = strings.broken();
    return out;
}

decoded good(std::vector<std::string> strings) {
    return {std::move(strings), false};
}

}  // namespace

TEST_CASE("SockJS's frames are told apart by their first character") {
    std::string_view content;
    CHECK(read_sockjs_frame("o", content) == sockjs_frame::open);
    CHECK(read_sockjs_frame("h", content) == sockjs_frame::heart_beat);
    CHECK(read_sockjs_frame("", content) == sockjs_frame::nothing);
    CHECK(read_sockjs_frame("x", content) == sockjs_frame::broken);
    CHECK(read_sockjs_frame("a[\"x\"]", content) == sockjs_frame::messages);
    CHECK(content == "[\"x\"]");
    CHECK(read_sockjs_frame("m\"x\"", content) == sockjs_frame::messages);
    CHECK(content == "\"x\"");
    CHECK(read_sockjs_frame("c[3000,\"Go away!\"]", content) == sockjs_frame::close);
    CHECK(describe_sockjs_close(content) == "3000 Go away!");
}

TEST_CASE("a close frame of any shape is described") {
    CHECK(describe_sockjs_close("[1000,\"\"]") == "1000");
    CHECK(describe_sockjs_close("[1000]") == "1000");
    CHECK(describe_sockjs_close("") == "without a code");
    CHECK(describe_sockjs_close("[ 3000 , \"a\\n\\\"b\\\"\" ]") == "3000 a\n\"b\"");
    CHECK(describe_sockjs_close("[3000,\"") == "3000");
}

TEST_CASE("an array of strings is decoded one by one") {
    CHECK(decode("[]") == good({}));
    CHECK(decode(" [ ] ") == good({}));
    CHECK(decode("[\"\"]") == good({""}));
    CHECK(decode("[\"a\"]") == good({"a"}));
    CHECK(decode(" [ \"a\" , \"b\" ] ") == good({"a", "b"}));
    CHECK(decode("\"alone\"") == good({"alone"}));
}

TEST_CASE("every escape is decoded") {
    CHECK(decode(R"(["\"\\\/\b\f\n\r\t"])") == good({"\"\\/\b\f\n\r\t"}));
    CHECK(decode(R"(["\u0000x"])") == good({std::string("\0x", 2)}));
    CHECK(decode(R"(["\u00e9\u20AC\ud83d\ude00"])") == good({"\u00e9\u20ac\U0001f600"}));
    CHECK(decode("[\"\u00e9\u20ac\U0001f600\"]") == good({"\u00e9\u20ac\U0001f600"}));
    // Half a pair cannot be said in UTF-8.
    CHECK(decode(R"(["\ud83dx"])") == good({"\ufffdx"}));
    CHECK(decode(R"(["\ude00"])") == good({"\ufffd"}));
    CHECK(decode(R"(["\ud83d\u0041"])") == good({"\ufffdA"}));
}

TEST_CASE("what is no array of strings is broken") {
    for (auto const* text : {"",
                             " ",
                             "[",
                             "[\"a\"",
                             "[\"a",
                             "[\"a\\",
                             "[\"a\\\"",
                             "[\"a\" \"b\"]",
                             "[\"a\",]",
                             "[,]",
                             "[1]",
                             "[\"a\"]x",
                             "\"a\"x",
                             "{}",
                             "[\"\\x\"]",
                             "[\"\\u12\"]",
                             "[\"\\u12g4\"]",
                             "[\"a\nb\"]",
                             "[[\"a\"]]",
                             "]"}) {
        CAPTURE(text);
        CHECK(decode(text).broken);
    }
}

TEST_CASE("what is encoded decodes to itself, at every length and with every octet") {
    std::string text;
    for (int round = 0; round < 3; ++round) {
        for (int c = 0; c < 256; ++c) {
            text.push_back(static_cast<char>(c));
            std::string message;
            append_sockjs_message(message, text);
            REQUIRE(decode(message) == good({text}));
        }
    }
}

TEST_CASE("a STOMP frame travels as JavaScript clients write it") {
    std::string message;
    append_sockjs_message(message, std::string_view("SEND\na:\"b\\\n\n\0", 13));
    CHECK(message == R"(["SEND\na:\"b\\\n\n\u0000"])");
}
