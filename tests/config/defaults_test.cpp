#include "support.hpp"

#include <doctest/doctest.h>

using namespace config;
using config_test::load;

TEST_CASE("nothing given makes an open node on 127.0.0.1:8080 with SQLite in ./stampede-data") {
    auto const got = config::load({});

    REQUIRE(got.ok());
    REQUIRE(got.values.listeners.size() == 1);
    CHECK(got.values.listeners[0].address == listen_address{"127.0.0.1", 8080});
    CHECK(got.values.listeners[0].protocol == listener_protocol::http);
    CHECK_FALSE(got.values.listeners[0].tls());
    CHECK(got.values.auth.mode == auth_mode::open);
    CHECK(got.values.storage.backend == storage_backend::sqlite);
    CHECK(got.values.sqlite_path() == "stampede-data/stampede.db");
    CHECK(got.values.chat.lobby);
}

TEST_CASE("without rules the open mode has /topic/public/** for everyone, but no wildcards") {
    auto const got = config::load({});

    REQUIRE(got.values.broker.access.size() == 1);
    CHECK(got.values.broker.access[0].destination == "/topic/public/**");
    CHECK(got.values.broker.access[0].send == std::vector<std::string>{"*"});
    CHECK(got.values.broker.access[0].subscribe == std::vector<std::string>{"*"});
    CHECK(got.values.broker.access[0].subscribe_wildcard.empty());
}

TEST_CASE("rules, an empty list of them, or required credentials take /topic/public away") {
    CHECK(load("[broker]\naccess = []\n").values.broker.access.empty());
    auto const own = load("[[broker.access]]\ndestination = \"/topic/a\"\n");
    REQUIRE(own.values.broker.access.size() == 1);
    CHECK(own.values.broker.access[0].destination == "/topic/a");
    CHECK(load("[auth]\nmode = \"required\"\n[auth.jwt]\nalgorithms = [\"ES256\"]\n"
               "jwks_url = \"https://a.org/k\"\n")
              .values.broker.access.empty());
}

TEST_CASE("an empty file changes nothing") {
    auto const got = load("# nothing\n");
    CHECK(got.ok());
    CHECK(got.values.listeners.size() == 1);
}
