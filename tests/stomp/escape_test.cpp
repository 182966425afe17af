#include "stomp/escape.hpp"

#include "stomp/utf8.hpp"

#include <doctest/doctest.h>

namespace stomp {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string escaped(std::string_view text, version v) {
    std::string out = "before ";
    append_escaped(out, text, v);
    return out.substr(7);
}

std::string unescaped(std::string text, version v) {
    return std::string(unescape_in_place(text.data(), text.size(), v));
}

}  // namespace

TEST_CASE("1.2 escapes line ends, colons and backslashes") {
    CHECK(escaped("a\nb\rc:d\\e", version::v1_2) == "a\\nb\\rc\\cd\\\\e");
    CHECK(escaped("\n", version::v1_2) == "\\n");
    CHECK(escaped("", version::v1_2) == "");
    CHECK(escaped("plain text, \xc3\xa9", version::v1_2) == "plain text, \xc3\xa9");
}

TEST_CASE("1.1 has no escape for CR") {
    CHECK(escaped("a\nb\rc:d\\e", version::v1_1) == "a\\nb\rc\\cd\\\\e");
}

TEST_CASE("1.0 has no escapes, and a LF becomes a space") {
    CHECK(escaped("a\nb\rc:d\\e", version::v1_0) == "a b\rc:d\\e");
}

TEST_CASE("a NUL becomes a space in every version") {
    for (auto v : {version::v1_0, version::v1_1, version::v1_2}) {
        CHECK(escaped("a\0b"sv, v) == "a b");
        CHECK(needs_escaping("a\0b"sv, v));
    }
}

TEST_CASE("the handshake is written as it is but for what would end a header") {
    std::string out;
    append_unescaped(out, "a\nb\rc:d\\e\0f"sv);
    CHECK(out == "a b c:d\\e f");
}

TEST_CASE("needs_escaping tells what a version cannot write as it is") {
    struct row {
        std::string_view text;
        bool v1_0, v1_1, v1_2;
    };
    for (auto const& r : {row{"plain", false, false, false}, row{"", false, false, false},
                          row{"a:b", false, true, true}, row{"a\\b", false, true, true},
                          row{"a\rb", false, false, true}, row{"a\nb", true, true, true}}) {
        CAPTURE(r.text);
        CHECK(needs_escaping(r.text, version::v1_0) == r.v1_0);
        CHECK(needs_escaping(r.text, version::v1_1) == r.v1_1);
        CHECK(needs_escaping(r.text, version::v1_2) == r.v1_2);
    }
}

TEST_CASE("escapes are resolved in place") {
    CHECK(unescaped("a\\nb\\rc\\cd\\\\e", version::v1_2) == "a\nb\rc:d\\e");
    CHECK(unescaped("a\\nb\\cd\\\\e", version::v1_1) == "a\nb:d\\e");
    CHECK(unescaped("\\\\n", version::v1_2) == "\\n");
    CHECK(unescaped("\\\\\\\\", version::v1_2) == "\\\\");
    CHECK(unescaped("plain", version::v1_2) == "plain");
    CHECK(unescaped("", version::v1_2) == "");
    CHECK(unescaped("a\\nb\\x", version::v1_0) == "a\\nb\\x");
}

TEST_CASE("undefined escapes are found by version") {
    CHECK_FALSE(has_undefined_escape("\\n\\c\\\\", version::v1_1));
    CHECK_FALSE(has_undefined_escape("\\n\\c\\\\\\r", version::v1_2));
    CHECK(has_undefined_escape("\\r", version::v1_1));
    for (auto const* text :
         {"\\t", "\\", "a\\", "\\\\\\", "\\C", "\\N", "\\0", "\\\xff", "\\:", "\\n\\x", "\\ "}) {
        CAPTURE(text);
        CHECK(has_undefined_escape(text, version::v1_1));
        CHECK(has_undefined_escape(text, version::v1_2));
        CHECK_FALSE(has_undefined_escape(text, version::v1_0));
    }
    CHECK(has_undefined_escape("\\\0"sv, version::v1_2));
}

TEST_CASE("every octet survives escaping where the version can spell it") {
    for (auto v : {version::v1_1, version::v1_2}) {
        for (int c = 1; c < 256; ++c) {
            auto const text = "<"s + static_cast<char>(c) + ">";
            CHECK(unescaped(escaped(text, v), v) == text);
            CHECK(needs_escaping(text, v) == (escaped(text, v) != text));
        }
    }
}

TEST_CASE("UTF-8 is told from what only resembles it") {
    CHECK(is_valid_utf8(""));
    CHECK(is_valid_utf8("plain"));
    CHECK(is_valid_utf8("a\0b"sv));
    CHECK(is_valid_utf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x83"));
    CHECK(is_valid_utf8("\xf4\x8f\xbf\xbf"));
    CHECK_FALSE(is_valid_utf8("\xe9"));              // Latin-1
    CHECK_FALSE(is_valid_utf8("\xc3"));              // cut short
    CHECK_FALSE(is_valid_utf8("\xc0\x80"));          // overlong
    CHECK_FALSE(is_valid_utf8("\xed\xa0\x80"));      // a surrogate
    CHECK_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
    CHECK_FALSE(is_valid_utf8(std::string(100, 'a') + "\x80"));
}

}  // namespace stomp
