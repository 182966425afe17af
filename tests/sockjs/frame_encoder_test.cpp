#include "broker/transport/sockjs/frame_encoder.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace broker::transport::sockjs;

TEST_CASE("a message becomes an array of one JSON string, head before tail") {
    CHECK(encode_message("hello ", "world") == R"(a["hello world"])");
    CHECK(encode_message("", "") == R"(a[""])");
}

TEST_CASE("several messages share a frame") {
    message_frame frame(8);
    frame.add("a", "");
    frame.add("", "b");
    frame.add("", "");
    CHECK(frame.take() == R"(a["a","b",""])");
}

TEST_CASE("what JSON wants escaped is escaped, the shortest way") {
    CHECK(encode_message("\"\\\b\f\n\r\t", "") == R"(a["\"\\\b\f\n\r\t"])");
    CHECK(encode_message(std::string("\0\x01\x1f", 3), "") == R"(a["\u0000\u0001\u001f"])");
    CHECK(encode_message("/\x7f", "") == "a[\"/\x7f\"]");
}

TEST_CASE("characters that browsers mangle are escaped, their neighbours are not") {
    CHECK(encode_message("\u200b\u200c\u200f\u2010", "") == "a[\"\u200b\\u200c\\u200f\u2010\"]");
    CHECK(encode_message("\u2027\u2028\u202f\u2030", "") == "a[\"\u2027\\u2028\\u202f\u2030\"]");
    CHECK(encode_message("\u205f\u2060\u206f\u2070", "") == "a[\"\u205f\\u2060\\u206f\u2070\"]");
    CHECK(encode_message("\uffef\ufff0\uffff", "") == "a[\"\uffef\\ufff0\\uffff\"]");
}

TEST_CASE("other text goes through as it is, wherever it stands in a block of sixteen") {
    std::string const korean = "안녕하세요! 😀 ";
    for (std::size_t shift = 0; shift < 20; ++shift) {
        auto const text = std::string(shift, 'x') + korean + korean;
        CHECK(encode_message(text, "") == "a[\"" + text + "\"]");
        CHECK(encode_message(text + "\n" + text, "") == "a[\"" + text + "\\n" + text + "\"]");
    }
}

TEST_CASE("a sequence that is cut off stays what it was") {
    CHECK(encode_message("x\xe2\x80", "") == "a[\"x\xe2\x80\"]");
    CHECK(encode_message("\xef", "y") == "a[\"\xefy\"]");
}

TEST_CASE("a close frame has code and reason, and is valid JSON whatever the reason holds") {
    CHECK(encode_close(3000, "Go away!") == R"(c[3000,"Go away!"])");
    CHECK(encode_close(4008, "\"x\"\n") == R"(c[4008,"\"x\"\n"])");
    CHECK(encode_close(4008, "\xff") == R"(c[4008,"\ufffd"])");
}

TEST_CASE("a frame inside a script is a string literal of it") {
    CHECK(as_script_string(R"(a["x\n"])", script_host::javascript) == R"("a[\"x\\n\"]")");
    CHECK(as_script_string("a[\"</script>\"]", script_host::javascript) == R"("a[\"</script>\"]")");
}

TEST_CASE("no message can end the script element that carries it") {
    CHECK(as_script_string("a[\"</script><!--\"]", script_host::html) ==
          R"("a[\"\u003c/script>\u003c!--\"]")");
}
