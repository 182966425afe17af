#include "broker/transport/websocket_decoder.hpp"
#include "broker/transport/websocket_deflate.hpp"
#include "tests/transport/socket_client.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

// The server's side of RFC 6455 §5 to §8. The groups follow the Autobahn testsuite, whose cases
// they cover: framing, pings, reserved bits, opcodes, fragmentation, UTF-8, close, limits. Each
// case runs with its bytes cut in every way that matters.

using namespace broker::transport;
using transport_test::close_payload;
using transport_test::masked_frame;

namespace {

constexpr std::size_t plenty = 1 << 20;

constexpr unsigned text = 0x81, binary = 0x82, close_frame = 0x88, ping = 0x89, pong = 0x8A;
constexpr unsigned text_begins = 0x01, binary_begins = 0x02, goes_on = 0x00, ends = 0x80;

std::string describe(websocket_event const& event) {
    std::string const payload(event.payload.data(), event.payload.size());
    switch (event.what) {
        case websocket_event::type::need_more: return "more";
        case websocket_event::type::message:
            return (event.kind == frame_kind::text ? "text:" : "binary:") + payload;
        case websocket_event::type::ping: return "ping:" + payload;
        case websocket_event::type::pong: return "pong:" + payload;
        case websocket_event::type::close:
            return "close:" + std::to_string(event.code) + ":" + std::string(event.reason);
        case websocket_event::type::failed: return "failed:" + std::to_string(event.code);
    }
    return {};
}

using events = std::vector<std::string>;

// What a fresh decoder says to `bytes` given `step` at a time.
events decoded(std::string const& bytes, std::size_t step, std::size_t max_bytes = plenty,
               websocket_inflater* inflater = nullptr) {
    events result;
    websocket_decoder decoder;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        auto piece = bytes.substr(at, step);
        std::span<char> input(piece);
        for (;;) {
            auto const event = decoder.next(input, {max_bytes, inflater});
            if (event.what == websocket_event::type::need_more) break;
            result.push_back(describe(event));
            if (event.what == websocket_event::type::close ||
                event.what == websocket_event::type::failed) {
                return result;
            }
        }
        CHECK(input.empty());
    }
    return result;
}

void expect(std::string const& bytes, events const& expected, std::size_t max_bytes = plenty,
            websocket_inflater* inflater = nullptr) {
    for (std::size_t step = 1; step <= 20; ++step) {
        CHECK(decoded(bytes, step, max_bytes, inflater) == expected);
    }
    for (std::size_t const step : {64u, 997u, 4096u}) {
        CHECK(decoded(bytes, step, max_bytes, inflater) == expected);
    }
    CHECK(decoded(bytes, bytes.size(), max_bytes, inflater) == expected);
}

}  // namespace

TEST_CASE("1: messages of every length form") {
    for (auto const size : {0u, 1u, 125u, 126u, 127u, 128u, 65535u, 65536u, 65537u}) {
        auto const payload = std::string(size, '*');
        for (std::size_t const step : {1u, 13u, 997u, 65536u, 1000000u}) {
            if (step == 1 && size > 1000) continue;
            CHECK(decoded(masked_frame(text, payload), step) == events{"text:" + payload});
            CHECK(decoded(masked_frame(binary, payload), step) == events{"binary:" + payload});
        }
    }
}

TEST_CASE("unmasking gives back the bytes, wherever they are cut and whatever the mask") {
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        std::string payload(random() % 200, '\0');
        for (auto& byte : payload) byte = static_cast<char>(random());
        auto const mask = static_cast<std::uint32_t>(random());
        auto const bytes = masked_frame(binary, payload, mask);
        CHECK(decoded(bytes, 1 + random() % bytes.size()) == events{"binary:" + payload});
        CHECK(decoded(bytes, bytes.size()) == events{"binary:" + payload});
    }
    auto const unmasked = masked_frame(text, "abc", 0);
    expect(unmasked, {"text:abc"});
}

TEST_CASE("2: pings and pongs") {
    expect(masked_frame(ping, ""), {"ping:"});
    expect(masked_frame(ping, "Hello, world!"), {"ping:Hello, world!"});
    auto const longest = std::string(125, '\xFE');
    expect(masked_frame(ping, longest), {"ping:" + longest});
    expect(masked_frame(ping, std::string(126, '*')), {"failed:1002"});
    expect(masked_frame(pong, "unsolicited") + masked_frame(ping, "p"),
           {"pong:unsolicited", "ping:p"});
    std::string ten;
    events pings;
    for (int i = 0; i < 10; ++i) {
        ten += masked_frame(ping, "payload-" + std::to_string(i));
        pings.push_back("ping:payload-" + std::to_string(i));
    }
    expect(ten, pings);
}

TEST_CASE("3: reserved bits") {
    for (unsigned const bits : {0x40u, 0x20u, 0x10u, 0x30u, 0x50u, 0x60u, 0x70u}) {
        expect(masked_frame(text | bits, "x"), {"failed:1002"});
        expect(masked_frame(binary | bits, ""), {"failed:1002"});
        expect(masked_frame(ping | bits, ""), {"failed:1002"});
        expect(masked_frame(close_frame | bits, ""), {"failed:1002"});
        expect(masked_frame(text, "ok") + masked_frame(text | bits, "x"),
               {"text:ok", "failed:1002"});
    }
}

TEST_CASE("4: opcodes that do not exist") {
    for (unsigned const code : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u}) {
        expect(masked_frame(0x80 | code, ""), {"failed:1002"});
        expect(masked_frame(0x80 | code, "payload"), {"failed:1002"});
        expect(masked_frame(code, ""), {"failed:1002"});
    }
}

TEST_CASE("5: fragments, with control frames between them") {
    expect(masked_frame(ping & 0x7F, "frag") + masked_frame(ends, "ment"), {"failed:1002"});
    expect(masked_frame(pong & 0x7F, "frag"), {"failed:1002"});
    expect(masked_frame(text_begins, "frag") + masked_frame(ends, "ment"), {"text:fragment"});
    expect(masked_frame(binary_begins, "a") + masked_frame(goes_on, "") +
               masked_frame(goes_on, "b") + masked_frame(ends, ""),
           {"binary:ab"});
    expect(masked_frame(text_begins, "frag") + masked_frame(ping, "p") +
               masked_frame(ends, "ment") + masked_frame(text, "next"),
           {"ping:p", "text:fragment", "text:next"});
    // Nothing to continue.
    expect(masked_frame(ends, "x"), {"failed:1002"});
    expect(masked_frame(goes_on, "x"), {"failed:1002"});
    expect(masked_frame(text, "ok") + masked_frame(ends, "x"), {"text:ok", "failed:1002"});
    // A new message before the old one has ended.
    expect(masked_frame(text_begins, "a") + masked_frame(text, "b"), {"failed:1002"});
    expect(masked_frame(text_begins, "a") + masked_frame(binary_begins, "b"), {"failed:1002"});
    // 5.19: many fragments, pings in the middle.
    expect(masked_frame(text_begins, "f1") + masked_frame(goes_on, "f2") +
               masked_frame(ping, "pongme 1!") + masked_frame(goes_on, "f3") +
               masked_frame(goes_on, "f4") + masked_frame(ping, "pongme 2!") +
               masked_frame(ends, "f5"),
           {"ping:pongme 1!", "ping:pongme 2!", "text:f1f2f3f4f5"});
    expect(masked_frame(text_begins, "") + masked_frame(goes_on, "") + masked_frame(ends, ""),
           {"text:"});
}

TEST_CASE("6: text must be UTF-8, also across fragments") {
    std::string const hello =
        "Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!";
    expect(masked_frame(text, hello), {"text:" + hello});
    for (std::size_t cut = 1; cut < hello.size(); ++cut) {
        expect(
            masked_frame(text_begins, hello.substr(0, cut)) + masked_frame(ends, hello.substr(cut)),
            {"text:" + hello});
    }
    for (std::string const valid :
         {"\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
          "\xE0\xA0\x80", "\xC2\x80", "\xEF\xBF\xBE", "\x7F"}) {
        expect(masked_frame(text, valid), {"text:" + valid});
        auto const padded = std::string(100, 'a') + valid + std::string(33, 'b');
        expect(masked_frame(text, padded), {"text:" + padded});
    }
    for (std::string const invalid : {"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80"
                                      "edited",
                                      "\xF4\x90\x80\x80",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xC0\xAF",
                                      "\xC1\xBF",
                                      "\xE0\x80\xAF",
                                      "\xE0\x9F\xBF",
                                      "\xF0\x80\x80\xAF",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF8\x88\x80\x80",
                                      "\xFE",
                                      "\xFF",
                                      "\x80",
                                      "\xBF",
                                      "a\x80",
                                      "\xC2",
                                      "\xE1\x80",
                                      "\xF1\x80\x80",
                                      "\xC2\x41",
                                      "\xE1\x80\x41",
                                      "\xF5\x80\x80\x80"}) {
        expect(masked_frame(text, invalid), {"failed:1007"});
        expect(masked_frame(text, std::string(50, 'a') + invalid), {"failed:1007"});
        expect(masked_frame(binary, invalid), {"binary:" + invalid});
    }
}

TEST_CASE("6.4: invalid UTF-8 fails where it stands, not at the end of the message") {
    std::string const valid = "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5";
    // The second fragment is wrong; the third never comes.
    expect(masked_frame(text_begins, valid) + masked_frame(goes_on, "\xF4\x90\x80\x80"),
           {"failed:1007"});
    // The frame is not complete either: the byte that cannot be is enough.
    auto const whole = masked_frame(text, valid + "\xF4\x90" + std::string(50, 'x'));
    auto const header = whole.size() - (valid.size() + 52);
    websocket_decoder decoder;
    auto good = whole.substr(0, header + valid.size() + 1);
    std::span<char> input(good);
    CHECK(describe(decoder.next(input, {plenty})) == "more");
    auto bad = whole.substr(header + valid.size() + 1, 1);
    input = bad;
    CHECK(describe(decoder.next(input, {plenty})) == "failed:1007");
}

TEST_CASE("7: close frames") {
    expect(masked_frame(close_frame, ""), {"close:1005:"});
    expect(masked_frame(close_frame, "\x03"), {"failed:1002"});
    expect(masked_frame(close_frame, close_payload(1000)), {"close:1000:"});
    expect(masked_frame(close_frame, close_payload(1000, "Hello World!")),
           {"close:1000:Hello World!"});
    auto const longest = std::string(123, '*');
    expect(masked_frame(close_frame, close_payload(1000, longest)), {"close:1000:" + longest});
    expect(masked_frame(close_frame, close_payload(1000, std::string(124, '*'))), {"failed:1002"});
    expect(masked_frame(close_frame, close_payload(1000, "\xCE\xBA\xED\xA0\x80")), {"failed:1007"});
    for (unsigned const code : {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u,
                                1012u, 1013u, 1014u, 3000u, 3999u, 4000u, 4999u}) {
        expect(masked_frame(close_frame, close_payload(code)),
               {"close:" + std::to_string(code) + ":"});
    }
    for (unsigned const code :
         {0u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u}) {
        expect(masked_frame(close_frame, close_payload(code)), {"failed:1002"});
    }
    expect(masked_frame(text_begins, "half") + masked_frame(close_frame, close_payload(1000)),
           {"close:1000:"});
}

TEST_CASE("a frame without a mask, or with a length that is not minimal or impossible, fails") {
    using namespace std::string_literals;
    expect("\x81\x01x"s, {"failed:1002"});
    expect("\x89\x00"s, {"failed:1002"});
    std::string const mask = "\x01\x02\x03\x04"s;
    expect("\x81\xFE\x00\x05"s + mask + "12345", {"failed:1002"});
    expect("\x81\xFF\x00\x00\x00\x00\x00\x00\x00\x05"s + mask + "12345", {"failed:1002"});
    expect("\x81\xFF\x80\x00\x00\x00\x00\x00\x00\x05"s + mask + "12345", {"failed:1002"});
}

TEST_CASE("9: a message over the bound fails before it is stored") {
    expect(masked_frame(text, std::string(100, 'x')), {"text:" + std::string(100, 'x')}, 100);
    expect(masked_frame(text, std::string(101, 'x')), {"failed:1009"}, 100);
    expect(
        masked_frame(text_begins, std::string(60, 'x')) + masked_frame(ends, std::string(40, 'x')),
        {"text:" + std::string(100, 'x')}, 100);
    expect(
        masked_frame(text_begins, std::string(60, 'x')) + masked_frame(ends, std::string(41, 'x')),
        {"failed:1009"}, 100);
    // Its header alone is enough.
    auto const header = masked_frame(binary, std::string(70000, 'x')).substr(0, 14);
    expect(header, {"failed:1009"}, 65536);
}

TEST_CASE("a header that promises much makes nothing be allocated") {
    websocket_decoder decoder;
    auto bytes = masked_frame(binary, std::string(1 << 20, 'x')).substr(0, 1000);
    std::span<char> input(bytes);
    CHECK(describe(decoder.next(input, {plenty})) == "more");
    CHECK(decoder.kept_bytes() < 4096);
}

TEST_CASE("a whole message is handed out where it lies, and nothing is kept between messages") {
    websocket_decoder decoder;
    CHECK(sizeof decoder == sizeof(void*));
    auto bytes = masked_frame(text, "hello") + masked_frame(text, "world").substr(0, 8);
    std::span<char> input(bytes);
    auto const event = decoder.next(input, {plenty});
    CHECK(event.payload.data() == bytes.data() + 6);
    CHECK(decoder.kept_bytes() == 0);
    CHECK(describe(decoder.next(input, {plenty})) == "more");
    CHECK(decoder.kept_bytes() > 0);
    auto rest = masked_frame(text, "world").substr(8);
    input = rest;
    CHECK(describe(decoder.next(input, {plenty})) == "text:world");
    CHECK(describe(decoder.next(input, {plenty})) == "more");
    CHECK(decoder.kept_bytes() == 0);
}

TEST_CASE("12 and 13: compressed messages") {
    websocket_inflater inflater;
    websocket_deflater deflater;
    std::string sentence;
    for (int i = 0; i < 50; ++i) sentence += "a chat message number " + std::to_string(i) + "; ";
    auto const packed = deflater.deflate(sentence, {});
    CHECK(packed.size() < sentence.size() / 2);

    expect(masked_frame(text | 0x40, packed), {"text:" + sentence}, plenty, &inflater);
    expect(masked_frame(binary | 0x40, packed) + masked_frame(text, "plain"),
           {"binary:" + sentence, "text:plain"}, plenty, &inflater);
    // In fragments: the bit is on the first only, control frames may come between.
    expect(masked_frame(text_begins | 0x40, packed.substr(0, 10)) + masked_frame(ping, "p") +
               masked_frame(goes_on, packed.substr(10, 10)) + masked_frame(ends, packed.substr(20)),
           {"ping:p", "text:" + sentence}, plenty, &inflater);
    expect(masked_frame(text_begins | 0x40, packed.substr(0, 10)) +
               masked_frame(ends | 0x40, packed.substr(10)),
           {"failed:1002"}, plenty, &inflater);
    expect(masked_frame(ping | 0x40, ""), {"failed:1002"}, plenty, &inflater);
    // Not agreed on.
    expect(masked_frame(text | 0x40, packed), {"failed:1002"});
    // Not deflate, and not UTF-8 once inflated.
    expect(masked_frame(text | 0x40, "\xFF\xFF\xFF\xFF"), {"failed:1007"}, plenty, &inflater);
    auto const bad_text = deflater.deflate(std::string(100, '\x80'), {});
    expect(masked_frame(text | 0x40, bad_text), {"failed:1007"}, plenty, &inflater);
    expect(masked_frame(binary | 0x40, bad_text), {"binary:" + std::string(100, '\x80')}, plenty,
           &inflater);
}

TEST_CASE("a small compressed message that would become huge fails at the bound") {
    websocket_inflater inflater;
    websocket_deflater deflater;
    auto const bomb = deflater.deflate(std::string(64 << 20, '\0'), {});
    CHECK(bomb.size() < 512 * 1024);
    CHECK(decoded(masked_frame(binary | 0x40, bomb), bomb.size() + 14, plenty, &inflater) ==
          events{"failed:1009"});
    auto const exact = deflater.deflate(std::string(5000, 'x'), {});
    expect(masked_frame(text | 0x40, exact), {"text:" + std::string(5000, 'x')}, 5000, &inflater);
    expect(masked_frame(text | 0x40, exact), {"failed:1009"}, 4999, &inflater);
}
