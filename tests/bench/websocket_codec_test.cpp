#include "bench/client/websocket_codec.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace bench;
using namespace std::string_literals;

namespace {

std::string frame(unsigned first, std::string_view payload) {
    std::string out;
    append_websocket_frame(out, opcode::text, payload, 0);
    out[0] = static_cast<char>(first);
    return out;
}

// "m:text", "ping:", ..., of a stream in pieces of `size`.
std::vector<std::string> events_of(std::string_view stream, std::size_t size) {
    std::vector<std::string> out;
    std::string kept;
    websocket_decoder decoder;
    while (!stream.empty()) {
        kept.append(stream.substr(0, size));
        stream.remove_prefix(std::min(size, stream.size()));
        std::string_view rest = kept;
        for (;;) {
            auto const [what, payload] = decoder.next(rest);
            if (what == websocket_event::more) break;
            constexpr char names[] = "?mipcb";
            out.push_back(std::string(1, names[static_cast<int>(what)]) + ":" +
                          std::string(payload));
            if (what == websocket_event::broken || what == websocket_event::close) return out;
        }
        kept = std::string(rest);
    }
    return out;
}

}  // namespace

TEST_CASE("a client's frame is masked and a server's is not, at every kind of length") {
    for (std::size_t const size : {0u, 1u, 7u, 8u, 9u, 125u, 126u, 127u, 65535u, 65536u, 70001u}) {
        CAPTURE(size);
        std::string payload;
        for (std::size_t i = 0; i < size; ++i) payload.push_back(static_cast<char>(i * 7));
        for (std::uint32_t const mask : {0u, 0x01020384u}) {
            std::string bytes = "before";
            append_websocket_frame(bytes, opcode::binary, payload, mask);
            bytes.erase(0, 6);
            websocket_head head;
            REQUIRE(read_websocket_head(bytes, head));
            CHECK(head.what == opcode::binary);
            CHECK(head.last);
            CHECK(head.masked == (mask != 0));
            CHECK(head.mask == mask);
            REQUIRE(head.payload_bytes == size);
            REQUIRE(bytes.size() == head.head_bytes + size);
            std::string got = bytes.substr(head.head_bytes);
            if (mask != 0 && size > 1) CHECK(got != payload);
            apply_mask(got.data(), got.size(), head.mask);
            CHECK(got == payload);
            for (std::size_t cut = 0; cut < head.head_bytes; ++cut) {
                CHECK_FALSE(read_websocket_head(std::string_view(bytes).substr(0, cut), head));
            }
        }
    }
}

TEST_CASE("messages, fragments and control frames between them come out whole in any pieces") {
    std::string const long_text(300, 'l');
    std::string const stream = frame(0x81, "one") + frame(0x01, "a") + frame(0x89, "beat") +
                               frame(0x00, "b") + frame(0x00, "") + frame(0x80, "c") +
                               frame(0x82, "two") + frame(0x8a, "") + frame(0x81, long_text) +
                               frame(0x81, "") + frame(0x88, "\x03\xe9ta ta"s);
    std::vector<std::string> const expected{"m:one", "i:beat",         "m:abc", "m:two",
                                            "p:",    "m:" + long_text, "m:",    "c:\x03\xe9ta ta"};
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        CAPTURE(size);
        REQUIRE(events_of(stream, size) == expected);
    }
}

TEST_CASE("what a server must not send is refused") {
    std::string masked;
    append_websocket_frame(masked, opcode::text, "x", 1);
    for (auto const& [stream, why] : std::vector<std::pair<std::string, std::string>>{
             {masked, "a masked frame from a server"},
             {frame(0xc1, "x"), "a frame with reserved bits"},
             {frame(0x83, "x"), "a frame of an unknown kind"},
             {frame(0x80, "x"), "a continuation of nothing"},
             {frame(0x01, "x") + frame(0x81, "y"), "a message inside another"},
             {frame(0x09, "x"), "a control frame in parts or too long"},
             {frame(0x89, std::string(126, 'x')), "a control frame in parts or too long"},
             {"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", "a message over 64 MiB"},
         }) {
        CAPTURE(why);
        CHECK(events_of(stream, stream.size()).back() == "b:" + why);
    }
}

TEST_CASE("a fragmented message leaves nothing behind") {
    websocket_decoder decoder;
    std::string const stream = frame(0x01, std::string(100000, 'x')) + frame(0x80, "y");
    std::string_view rest = stream;
    auto const first = decoder.next(rest);
    REQUIRE(first.what == websocket_event::message);
    CHECK(first.payload.size() == 100001);
    CHECK(decoder.next(rest).what == websocket_event::more);
    CHECK(decoder.kept_bytes() < 64);
}

TEST_CASE("close codes are written and described") {
    CHECK(describe_close(close_payload(1001, "going away")) == "1001 going away");
    CHECK(describe_close(close_payload(4008, "")) == "4008");
    CHECK(describe_close("") == "without a code");
    CHECK(close_payload(1000, std::string(200, 'x')).size() == 125);
}
