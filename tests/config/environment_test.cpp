#include "config/keys.hpp"
#include "support.hpp"

#include <doctest/doctest.h>

using namespace config;
using config_test::load;
using config_test::wrong_in;

TEST_CASE(
    "flags win over the environment, which wins over the file, which wins over the defaults") {
    std::string const file =
        "[node]\nshards = 2\ndata_directory = \"/file\"\n"
        "[[listeners]]\naddress = \"127.0.0.1:1\"\n";
    CHECK(load(file).values.node.shards == 2);
    CHECK(load(file, {"STAMPEDE_NODE__SHARDS=3"}).values.node.shards == 3);
    auto const got =
        load(file, {"STAMPEDE_NODE__SHARDS=3", "STAMPEDE_LISTENERS__0__ADDRESS=127.0.0.1:2"},
             {.listen = "127.0.0.1:3", .data = "/flag", .shards = "4"});
    CHECK(wrong_in(got).empty());
    CHECK(got.values.node.shards == 4);
    CHECK(got.values.node.data_directory == "/flag");
    CHECK(got.values.listeners.at(0).address.port == 3);
    CHECK(got.values.node.drain_deadline == std::chrono::seconds(20));
}

TEST_CASE("the order of the environment does not matter against the file") {
    auto const got = load("[log]\nlevel = \"warn\"\n", {"STAMPEDE_LOG__LEVEL=debug"});
    CHECK(got.values.log.level == log_level::debug);
}

TEST_CASE("a bad value is refused though a higher source overrides it") {
    CHECK(wrong_in(load("[node]\nshards = -1\n", {"STAMPEDE_NODE__SHARDS=3"})) ==
          "/etc/s.toml:2:10: node.shards: expected a whole number, from 0 to 256; got -1");
}

TEST_CASE("an element of an array is changed, or the next one added") {
    std::string const file = "[[listeners]]\naddress = \"127.0.0.1:1\"\n";
    auto const got = load(file, {"STAMPEDE_LISTENERS__0__ADDRESS=127.0.0.1:5",
                                 "STAMPEDE_LISTENERS__1__ADDRESS=127.0.0.1:6",
                                 "STAMPEDE_LISTENERS__1__PROTOCOL=stomp"});
    CHECK(wrong_in(got).empty());
    REQUIRE(got.values.listeners.size() == 2);
    CHECK(got.values.listeners[0].address.port == 5);
    CHECK(got.values.listeners[1].address.port == 6);
    CHECK(got.values.listeners[1].protocol == listener_protocol::stomp);
}

TEST_CASE("elements in any order of the environment make one array") {
    auto const got = load("", {"STAMPEDE_LISTENERS__1__ADDRESS=127.0.0.1:6",
                               "STAMPEDE_LISTENERS__0__ADDRESS=127.0.0.1:5"});
    CHECK(wrong_in(got).empty());
    REQUIRE(got.values.listeners.size() == 2);
    CHECK(got.values.listeners[1].address.port == 6);
}

TEST_CASE("a gap before an element is refused") {
    CHECK(wrong_in(load("", {"STAMPEDE_LISTENERS__2__ADDRESS=127.0.0.1:6"})) ==
          "environment variable STAMPEDE_LISTENERS__2__ADDRESS: listeners: there is no element 0 "
          "before this one");
}

TEST_CASE("an element of the environment needs its required keys") {
    CHECK(wrong_in(load("", {"STAMPEDE_BROKER__ACCESS__0__SEND=*"})) ==
          "environment variable STAMPEDE_BROKER__ACCESS__0__SEND: broker.access[0].destination: "
          "missing; expected a text, not empty");
}

TEST_CASE("lists are separated by commas") {
    auto const got = load("", {"STAMPEDE_HTTP__ALLOWED_ORIGINS=https://a.org, https://b.org"});
    CHECK(wrong_in(got).empty());
    CHECK(got.values.http.allowed_origins ==
          std::vector<std::string>{"https://a.org", "https://b.org"});
    CHECK(load("[http]\nallowed_origins = [\"*\"]\n", {"STAMPEDE_HTTP__ALLOWED_ORIGINS="})
              .values.http.allowed_origins.empty());
    CHECK_FALSE(load("", {"STAMPEDE_HTTP__ALLOWED_ORIGINS=https://a.org,,"}).ok());
}

TEST_CASE("an unknown variable is refused with the one that was meant") {
    CHECK(wrong_in(load("", {"STAMPEDE_LIMITS__FRAME__MAXBODY=1"})) ==
          "environment variable STAMPEDE_LIMITS__FRAME__MAXBODY: no such key; did you mean "
          "STAMPEDE_LIMITS__FRAME__MAX_BODY?");
    CHECK(wrong_in(load("", {"STAMPEDE_XYZ__ABC=1"})) ==
          "environment variable STAMPEDE_XYZ__ABC: no such key; docs/configuration.md lists them");
}

TEST_CASE("variables without a double underscore are somebody else's") {
    auto const got =
        load("", {"STAMPEDE_PORT=tcp://10.0.0.1:8080", "STAMPEDE_SERVICE_HOST=10.0.0.1",
                  "STAMPEDE_CONFIG=/x", "PATH=/bin", "stampede_node__shards=9", "odd"});
    CHECK(wrong_in(got).empty());
    CHECK(got.values.node.shards == 0);
}

TEST_CASE("relative paths are taken from the file's folder, or from the current one") {
    auto const got = load("[node]\ndata_directory = \"data\"\n[storage]\npath = \"../x.db\"\n");
    CHECK(got.values.node.data_directory == "/etc/data");
    CHECK(got.values.sqlite_path() == "/x.db");
    CHECK(load("", {"STAMPEDE_NODE__DATA_DIRECTORY=data"}).values.node.data_directory == "data");
    CHECK(load("[node]\ndata_directory = \"/abs\"\n").values.sqlite_path() == "/abs/stampede.db");
}
