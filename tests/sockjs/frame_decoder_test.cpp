#include "broker/transport/sockjs/frame_decoder.hpp"

#include "broker/transport/sockjs/frame_encoder.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace broker::transport::sockjs;

namespace {

struct outcome {
    decode_status status;
    std::vector<std::string> messages;
};

outcome decode(std::string payload, payload_form form = payload_form::array) {
    std::vector<std::span<char>> found;
    outcome out{decode_messages(payload, form, found), {}};
    for (auto const each : found) out.messages.emplace_back(each.begin(), each.end());
    return out;
}

std::vector<std::string> messages_of(std::string payload) {
    auto out = decode(std::move(payload));
    REQUIRE(out.status == decode_status::ok);
    return out.messages;
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("an array of strings is its strings, in order") {
    CHECK(messages_of(R"(["a","","c d"])") == list{"a", "", "c d"});
    CHECK(messages_of(" [ \"a\" ,\t\"b\"\r\n] \n") == list{"a", "b"});
}

TEST_CASE("an empty array holds no messages") {
    CHECK(messages_of("[]").empty());
    CHECK(messages_of(" [ \n] ").empty());
}

TEST_CASE("escapes are undone") {
    CHECK(messages_of(R"(["\"\\\/\b\f\n\r\t"])") == list{"\"\\/\b\f\n\r\t"});
    CHECK(messages_of(R"(["\u0041\u00e9\uc548\uFFFF"])") == list{"A\u00e9안\uffff"});
    CHECK(messages_of(R"(["\ud83d\ude00"])") == list{"😀"});
}

TEST_CASE("the NUL that ends a STOMP frame arrives as a NUL") {
    CHECK(messages_of(R"(["SEND\n\nx\u0000"])") == list{std::string("SEND\n\nx\0", 8)});
}

TEST_CASE("a lone surrogate becomes the replacement character") {
    CHECK(messages_of(R"(["\ud83d"])") == list{"\ufffd"});
    CHECK(messages_of(R"(["\ude00x"])") == list{"\ufffdx"});
    CHECK(messages_of(R"(["\ud83d\u0041"])") == list{"\ufffdA"});
    CHECK(messages_of(R"(["\ud83d\n"])") == list{"\ufffd\n"});
    CHECK(messages_of(R"(["\ud83d\ud83d\ude00"])") == list{"\ufffd😀"});
}

TEST_CASE("long texts survive whatever their alignment") {
    for (std::size_t length = 0; length < 70; ++length) {
        std::string const plain(length, 'p');
        CHECK(messages_of("[\"" + plain + "\\n" + plain + "\",\"" + plain + "\"]") ==
              list{plain + "\n" + plain, plain});
    }
}

TEST_CASE("nothing, or white space, is empty") {
    CHECK(decode("").status == decode_status::empty);
    CHECK(decode(" \r\n\t").status == decode_status::empty);
}

TEST_CASE("a bare string is a message only where that is allowed") {
    CHECK(decode("\"a\"").status == decode_status::not_an_array);
    auto const allowed = decode(" \"a\\n\" ", payload_form::array_or_string);
    CHECK(allowed.status == decode_status::ok);
    CHECK(allowed.messages == list{"a\n"});
}

TEST_CASE("what is not strict JSON is broken, and nothing of it is a message") {
    for (auto const* text : {
             "[\"x",
             "[\"x\"",
             "[\"x\",",
             "[\"x\",]",
             "[,\"x\"]",
             "[\"x\" \"y\"]",
             "[\"x\"]]",
             "[\"x\"]x",
             "[",
             "]",
             "[\"\\x\"]",
             "[\"\\u12\"]",
             "[\"\\u12g4\"]",
             "[\"\\ud83d\\u12\"]",
             "[\"\\",
             "[\"\\u",
             "[\"a\nb\"]",
             "[\"a\tb\"]",
             "['a']",
             "[1]",
             "[null]",
             "[[\"a\"]]",
             "[{\"a\":\"b\"}]",
             "{}",
             "1",
             "null",
             "\"a",
             "\"a\"b",
             "a[\"x\"]",
         }) {
        INFO(text);
        auto const out = decode(text);
        CHECK(out.status == decode_status::broken);
        CHECK(out.messages.empty());
        CHECK(decode(text, payload_form::array_or_string).status == decode_status::broken);
    }
}

TEST_CASE("a payload of very many messages is refused before it costs much") {
    std::string payload = "[\"\"";
    for (std::size_t i = 0; i < max_messages_per_payload; ++i) payload += ",\"\"";
    CHECK(decode(payload + "]").status == decode_status::too_many_messages);
}

TEST_CASE("what the encoder writes the decoder reads back") {
    std::string all;
    for (int c = 0; c < 128; ++c) all.push_back(static_cast<char>(c));
    all += "\u200c\u2028\u2060\uffff안녕😀";
    auto frame = encode_message(all, all);
    frame.erase(0, 1);  // the 'a'
    CHECK(messages_of(frame) == list{all + all});
}
