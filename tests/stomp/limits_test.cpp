#include "support.hpp"

#include <doctest/doctest.h>

// Each limit at its edge, whole and in pieces, and what a parser holds meanwhile.

namespace stomp::test {
namespace {

// True if `bytes` are accepted whole, one byte at a time, and in every pair of pieces.
bool accepted(std::string_view bytes, limits const& bounds,
              std::optional<version> v = version::v1_2) {
    auto const whole = read(bytes, v, bounds);
    CHECK(read_byte_by_byte(bytes, v, bounds) == whole);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        reader r(v, bounds);
        r.feed(bytes.substr(0, cut)).feed(bytes.substr(cut));
        REQUIRE(r.seen() == whole);
    }
    return std::ranges::none_of(whole, [](auto const& line) { return line.starts_with('!'); });
}

std::string x(std::size_t count) {
    return std::string(count, 'x');
}

}  // namespace

TEST_CASE("as many headers as the limit are accepted, one more is refused") {
    limits const bounds{.max_header_count = 3};
    CHECK(accepted("SEND\na:1\nb:2\nc:3\n\n\0"sv, bounds));
    CHECK_FALSE(accepted("SEND\na:1\nb:2\nc:3\nd:4\n\n\0"sv, bounds));
    CHECK(read("SEND\na:1\nb:2\nc:3\nd:4\n\n\0"sv, version::v1_2, bounds) ==
          transcript{"! A frame has more than 3 headers."});
    CHECK(accepted("SEND\n\n\0"sv, {.max_header_count = 0}));
    CHECK_FALSE(accepted("SEND\na:1\n\n\0"sv, {.max_header_count = 0}));
}

TEST_CASE("a header line as long as the limit is accepted, one byte more is refused") {
    for (std::size_t limit : {5u, 15u, 16u, 17u, 33u}) {
        CAPTURE(limit);
        limits const bounds{.max_header_line = limit};
        for (auto v : {version::v1_0, version::v1_1, version::v1_2}) {
            CHECK(accepted("SEND\nab:" + x(limit - 3) + "\n\n\0"s, bounds, v));
            CHECK_FALSE(accepted("SEND\nab:" + x(limit - 2) + "\n\n\0"s, bounds, v));
        }
        CHECK(accepted("SEND\r\nab:" + x(limit - 3) + "\r\n\r\n\0"s, bounds));
        CHECK_FALSE(accepted("SEND\r\nab:" + x(limit - 2) + "\r\n\r\n\0"s, bounds));
    }
    CHECK(read("SEND\nab:xxxx\n\n\0"sv, version::v1_2, {.max_header_line = 6}) ==
          transcript{"! The header line 'ab' is longer than 6 bytes."});
}

TEST_CASE("an overlong header line is refused before its end is seen") {
    limits const bounds{.max_header_line = 6};
    CHECK(read("SEND\nab:xxx"sv, version::v1_1, bounds).empty());
    CHECK(read("SEND\nab:xxxxx"sv, version::v1_1, bounds).size() == 1);
    CHECK(read(std::string("SEND\n") + x(100), version::v1_1, bounds).size() == 1);
}

TEST_CASE("escapes count as sent for the length of a header line") {
    CHECK(accepted("SEND\na:\\c\\c\n\n\0"sv, {.max_header_line = 6}));
    CHECK_FALSE(accepted("SEND\na:\\c\\c\n\n\0"sv, {.max_header_line = 5}));
}

TEST_CASE("a head as large as the limit is accepted, one byte more is refused") {
    auto const head = "SEND\nabc:def\nghi:jkl\n\n"s;
    CHECK(accepted(head + "\0"s, {.max_headers_total = head.size()}));
    CHECK_FALSE(accepted(head + "\0"s, {.max_headers_total = head.size() - 1}));
    auto const crlf = "SEND\r\nabc:def\r\nghi:jkl\r\n\r\n"s;
    CHECK(accepted(crlf + "\0"s, {.max_headers_total = crlf.size()}));
    CHECK_FALSE(accepted(crlf + "\0"s, {.max_headers_total = crlf.size() - 1}));
    CHECK(read(head + "\0"s, version::v1_2, {.max_headers_total = 10}) ==
          transcript{"! The headers of a frame take more than 10 bytes."});
}

TEST_CASE("a body as large as the limit is accepted, one byte more is refused") {
    limits const bounds{.max_body = 5};
    CHECK(accepted("SEND\n\n12345\0"sv, bounds));
    CHECK_FALSE(accepted("SEND\n\n123456\0"sv, bounds));
    CHECK(accepted("SEND\ncontent-length:5\n\n12345\0"sv, bounds));
    CHECK_FALSE(accepted("SEND\ncontent-length:6\n\n123456\0"sv, bounds));
    CHECK(accepted("SEND\n\n\0"sv, {.max_body = 0}));
    CHECK_FALSE(accepted("SEND\n\n1\0"sv, {.max_body = 0}));
}

TEST_CASE("a content-length above the limit is refused before any body") {
    limits const bounds{.max_body = 5};
    for (auto const* length : {"6", "4294967296", "18446744073709551615", "18446744073709551616",
                               "99999999999999999999999999999999"}) {
        CAPTURE(length);
        CHECK(read("SEND\ncontent-length:"s + length + "\n\n", version::v1_2, bounds) ==
              transcript{"! The body of a frame takes more than 5 bytes."});
    }
}

TEST_CASE("a body without content-length is refused as soon as it exceeds the limit") {
    limits const bounds{.max_body = 5};
    CHECK(read("SEND\n\n12345"sv, version::v1_2, bounds).empty());
    CHECK(read("SEND\n\n123456"sv, version::v1_2, bounds).size() == 1);
}

TEST_CASE("limits without bound are possible") {
    constexpr auto most = static_cast<std::size_t>(-1);
    limits const bounds{most, most, most, most};
    CHECK(accepted("SEND\na:b\n\nbody\0"sv, bounds));
    CHECK(accepted("SEND\r\na:b\r\ncontent-length:4\r\n\r\nbody\0"sv, bounds));
    CHECK(read("SEND\ncontent-length:18446744073709551615\n\nx"sv, version::v1_2, bounds).empty());
}

TEST_CASE("limits may grow between frames") {
    frame_parser parser;
    header_scratch scratch;
    auto bytes = "CONNECT\n\n\0SEND\n\n123456\0"s;
    auto input = std::span<char>(bytes);
    CHECK(std::holds_alternative<frame>(parser.next(input, scratch, {.max_body = 0})));
    parser.set_version(version::v1_2);
    CHECK(std::holds_alternative<frame>(parser.next(input, scratch, {.max_body = 6})));
}

TEST_CASE("a parser is small and holds nothing between frames") {
    CHECK(sizeof(frame_parser) <= 64);
    reader r;
    CHECK(r.parser().idle());
    r.feed("SEND\ndesti");
    CHECK_FALSE(r.parser().idle());
    CHECK(r.parser().held_bytes() > 0);
    r.feed("nation:/a\n\nbo");
    CHECK_FALSE(r.parser().idle());
    r.feed("dy\0"sv);
    CHECK(r.parser().idle());
    CHECK(r.parser().held_bytes() == 0);
    CHECK(r.seen() == transcript{"SEND[destination=/a]{body}"});
}

TEST_CASE("a frame kept in pieces takes nothing of what follows it") {
    reader r;
    r.feed("SEND\na:").feed("b\n\nbody\0SEND\nc:"sv).feed("d\n\n\0SEND\n\n\0"sv);
    CHECK(r.seen() == transcript{"SEND[a=b]{body}", "SEND[c=d]{}", "SEND[]{}"});
    CHECK(r.parser().idle());
}

TEST_CASE("memory grows with the bytes received, not with what content-length claims") {
    limits const bounds{.max_body = 1u << 30};
    reader r(version::v1_2, bounds);
    r.feed("SEND\ncontent-length:1000000000\n\n" + x(1000));
    CHECK(r.parser().held_bytes() < 2000);
    r.feed(x(1000));
    CHECK(r.parser().held_bytes() < 4500);
}

TEST_CASE("memory never exceeds what the frame needs once its length is known") {
    reader r(version::v1_2, {.max_body = 100'000});
    r.feed("SEND\ncontent-length:100000\n\n" + x(60'000)).feed(x(1));
    CHECK(r.parser().held_bytes() < 101'000);
}

TEST_CASE("a large frame read one byte at a time takes linear time") {
    // Quadratic work would be some 10^13 steps here, far beyond the test's time limit.
    constexpr std::size_t size = 4u << 20;
    limits const bounds{
        .max_header_line = size + 2, .max_headers_total = 2 * size, .max_body = size};
    for (auto const& bytes :
         {"SEND\n\n" + x(size) + "\0"s,
          "SEND\ncontent-length:" + std::to_string(size) + "\n\n" + x(size) + "\0"s,
          "SEND\na:" + x(size) + "\n\n\0"s}) {
        frame_parser parser;
        parser.set_version(version::v1_2);
        header_scratch scratch;
        std::size_t frames = 0;
        for (auto c : bytes) {
            auto input = std::span<char>(&c, 1);
            frames += std::holds_alternative<frame>(parser.next(input, scratch, bounds));
        }
        CHECK(frames == 1);
    }
}

}  // namespace stomp::test
