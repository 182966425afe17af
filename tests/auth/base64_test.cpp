#include "broker/auth/jwt/base64url.hpp"

#include <doctest/doctest.h>

using namespace broker::auth;

TEST_CASE("base64url goes there and back for every length and octet") {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        auto const text = encode_base64url(bytes);
        CHECK(text.find_first_of("+/=") == std::string::npos);
        REQUIRE(decode_base64url(text));
        CHECK(*decode_base64url(text) == bytes);
        bytes += static_cast<char>(i * 7);
    }
}

TEST_CASE("base64url is refused with padding, white space, the other alphabet, or loose bits") {
    CHECK(decode_base64url("Zm9v") == "foo");
    CHECK(decode_base64url("Zg") == "f");
    CHECK(decode_base64url("") == "");
    for (auto const* text : {"Zg==", "Zg=", "Zm9 v", "Zm9v\n", "Zm+v", "Zm/v", "Z", "Zm9vZ", "Zh",
                             "Zm9vZh", "Zm9vZm9", "\x80mmm"}) {
        CAPTURE(text);
        CHECK_FALSE(decode_base64url(text));
    }
}

TEST_CASE("the base64 of Basic needs its padding") {
    CHECK(decode_base64("Z3Vlc3Q6Z3Vlc3Q=") == "guest:guest");
    CHECK(decode_base64("Zm9v") == "foo");
    CHECK_FALSE(decode_base64("Z3Vlc3Q6Z3Vlc3Q"));
    CHECK_FALSE(decode_base64("Zm9v===="));
    CHECK_FALSE(decode_base64("Zm-v"));
    CHECK_FALSE(decode_base64("===="));
}
