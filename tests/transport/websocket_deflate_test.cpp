#include "broker/transport/websocket_deflate.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <random>
#include <string>

using namespace broker::transport;

namespace {

std::string response_to(std::string_view offers) {
    auto const agreed = negotiate_deflate(offers);
    return agreed ? agreed->response : "";
}

std::string inflated(std::string_view packed, std::size_t bound = 1 << 20) {
    websocket_inflater inflater;
    auto const result = inflater.inflate(packed, bound);
    REQUIRE(result.outcome == inflate_outcome::done);
    return {result.bytes.data(), result.bytes.size()};
}

constexpr auto plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

}  // namespace

TEST_CASE("offers of permessage-deflate and the answers to them") {
    CHECK(response_to("permessage-deflate") == plain);
    CHECK(response_to("permessage-deflate; client_max_window_bits") == plain);
    CHECK(response_to("permessage-deflate; client_max_window_bits=10") == plain);
    CHECK(response_to("permessage-deflate;server_no_context_takeover;client_no_context_takeover") ==
          plain);
    CHECK(response_to("permessage-deflate; server_max_window_bits=9") ==
          std::string(plain) + "; server_max_window_bits=9");
    CHECK(response_to("permessage-deflate; server_max_window_bits=\"12\"") ==
          std::string(plain) + "; server_max_window_bits=12");
    CHECK(response_to("x-webkit-deflate-frame, permessage-deflate; client_max_window_bits") ==
          plain);
    // The first acceptable offer counts.
    CHECK(response_to("permessage-deflate; server_max_window_bits=7, permessage-deflate") == plain);
    CHECK(response_to("permessage-deflate; server_max_window_bits=10, permessage-deflate") ==
          std::string(plain) + "; server_max_window_bits=10");
}

TEST_CASE("offers that are declined") {
    for (auto const* offer :
         {"", "permessage-bzip2", "permessage-deflate; unknown",
          "permessage-deflate; server_max_window_bits",
          "permessage-deflate; server_max_window_bits=7",
          "permessage-deflate; server_max_window_bits=16",
          "permessage-deflate; server_max_window_bits=08",
          "permessage-deflate; client_max_window_bits=16",
          "permessage-deflate; client_max_window_bits=x",
          "permessage-deflate; server_no_context_takeover=1",
          "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
          "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
          "permessage-deflate; =", "permessage-deflate x", ";"}) {
        CHECK(response_to(offer).empty());
    }
}

TEST_CASE("what is deflated inflates to the same, for every window") {
    std::mt19937 random(11);
    std::string text;
    while (text.size() < 20000) {
        text += "word" + std::to_string(random() % 300) + " ";
    }
    websocket_deflater deflater;
    for (unsigned bits = 8; bits <= 15; ++bits) {
        for (auto const size : {300u, 5000u, 20000u}) {
            auto const packed =
                deflater.deflate("head:", text.substr(0, size), static_cast<std::uint8_t>(bits));
            REQUIRE(!packed.empty());
            CHECK(inflated(packed) == "head:" + text.substr(0, size));

            // A client with that window and no larger one can read it.
            z_stream stream{};
            REQUIRE(inflateInit2(&stream, -static_cast<int>(bits)) == Z_OK);
            std::string const input = packed + std::string("\0\0\xFF\xFF", 4);
            std::string output(40000, '\0');
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
            stream.avail_in = static_cast<uInt>(input.size());
            stream.next_out = reinterpret_cast<Bytef*>(output.data());
            stream.avail_out = static_cast<uInt>(output.size());
            CHECK(inflate(&stream, Z_SYNC_FLUSH) == Z_OK);
            CHECK(output.substr(0, stream.total_out) == "head:" + text.substr(0, size));
            inflateEnd(&stream);
        }
    }
}

TEST_CASE("what does not become shorter is not compressed") {
    websocket_deflater deflater;
    std::mt19937 random(5);
    std::string noise(5000, '\0');
    for (auto& byte : noise) byte = static_cast<char>(random());
    CHECK(deflater.deflate({}, noise).empty());
    CHECK(deflater.deflate(noise, noise.substr(0, 10)).empty());
    CHECK(deflater.deflate("ab", "c").empty());
    CHECK(!deflater.deflate("ab", std::string(100, 'c')).empty());
}

TEST_CASE("messages of RFC 7692, 7.2.3") {
    using namespace std::string_literals;
    CHECK(inflated("\xf2\x48\xcd\xc9\xc9\x07\x00"s) == "Hello");
    // Without compression, with a final block, and in two blocks.
    CHECK(inflated("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s) == "Hello");
    CHECK(inflated("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s) == "Hello");
    CHECK(inflated("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s) == "Hello");
    CHECK(inflated("\x00"s).empty());
}
