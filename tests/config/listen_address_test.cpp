#include "config/listen_address.hpp"

#include <doctest/doctest.h>

using namespace config;

TEST_CASE("an address is numeric, with a port") {
    CHECK(parse_listen_address("127.0.0.1:8080") == listen_address{"127.0.0.1", 8080});
    CHECK(parse_listen_address("0.0.0.0:0") == listen_address{"0.0.0.0", 0});
    CHECK(parse_listen_address("[::1]:65535") == listen_address{"::1", 65535});
    CHECK(parse_listen_address("[::]:80") == listen_address{"::", 80});
    CHECK(parse_listen_address("localhost:1") == listen_address{"127.0.0.1", 1});
    CHECK(parse_listen_address("*:8080") == listen_address{"0.0.0.0", 8080});
}

TEST_CASE("names, missing ports and wrong ones are refused") {
    for (auto const* text : {"",
                             ":",
                             "8080",
                             ":8080",
                             "127.0.0.1",
                             "127.0.0.1:",
                             "127.0.0.1:x",
                             "127.0.0.1:65536",
                             "127.0.0.1:-1",
                             "127.0.0.1:+1",
                             "127.0.0.1: 1",
                             "127.0.0:1",
                             "example.org:80",
                             "::1:80",
                             "[::1]",
                             "[]:80",
                             "[x]:80",
                             "[127.0.0.1]:80",
                             "256.0.0.1:80",
                             "127.0.0.1:80 "}) {
        CAPTURE(text);
        CHECK_FALSE(parse_listen_address(text));
    }
    CHECK_FALSE(parse_listen_address(std::string_view("127.0.0.1\0x:80", 14)));
}

TEST_CASE("an address is written as in a URL") {
    CHECK(to_string(listen_address{"127.0.0.1", 80}) == "127.0.0.1:80");
    CHECK(to_string(listen_address{"::1", 80}) == "[::1]:80");
}
