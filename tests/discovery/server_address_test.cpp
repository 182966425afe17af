#include "node/discovery/http_call.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using node::discovery::parse_server;

TEST_CASE("an address is taken apart: what is shown of it holds no credentials") {
    auto const got = parse_server("http://node:hunter2@eureka.example.org:8761/eureka", "");
    CHECK(got.url == "http://eureka.example.org:8761/eureka");
    CHECK(got.user == "node");
    CHECK(got.password == "hunter2");
}

TEST_CASE("credentials are written as URLs are") {
    auto const got = parse_server("https://a%40b:p%3A%2F%25@h/eureka/v2/", "");
    CHECK(got.url == "https://h/eureka/v2");
    CHECK(got.user == "a@b");
    CHECK(got.password == "p:/%");
}

TEST_CASE("the password of the configuration is for a user without one") {
    CHECK(parse_server("http://node@h/eureka", "file").password == "file");
    CHECK(parse_server("http://node:own@h/eureka", "file").password == "own");
    CHECK(parse_server("http://h/eureka", "file").password.empty());
}

TEST_CASE("slashes at the end of an address do not become two") {
    CHECK(parse_server("http://h:8761/eureka/", "").url == "http://h:8761/eureka");
    CHECK(parse_server("http://h:8761", "").url == "http://h:8761");
    CHECK(parse_server("http://[::1]:8761/eureka", "").url == "http://[::1]:8761/eureka");
}

TEST_CASE("an address that cannot be used is refused without being repeated") {
    for (auto const* text : {"http://u:hunter2@h:port/eureka", "ftp://u:hunter2@h/eureka",
                             "http://u:hunter2@", "http://u:hunter2@h/eureka?a=b",
                             "http://u:hunter2@h/eureka#a", "http://u:hunter2@h x/"}) {
        CAPTURE(text);
        std::string said;
        try {
            parse_server(text, "");
        } catch (std::invalid_argument const& error) {
            said = error.what();
        }
        CHECK_FALSE(said.empty());
        CHECK(said.find("hunter2") == std::string::npos);
    }
}
