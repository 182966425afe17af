#include "config/keys.hpp"
#include "config/load.hpp"
#include "config/source.hpp"
#include "support.hpp"

#include <doctest/doctest.h>

using namespace config;
using config_test::wrong_in;

namespace {

std::filesystem::path const folder = std::filesystem::path(STAMPEDE_SOURCE_DIR) / "config";

// A file of the project; what it names need not be there.
loaded load_shipped(std::string const& name) {
    auto const read = [](std::filesystem::path const& path) -> boost::system::result<std::string> {
        if (path.extension() == ".toml") return read_whole_file(path);
        return std::string("content");
    };
    return config::load({.file = folder / name, .read_file = read});
}

}  // namespace

TEST_CASE("the files for deployments are good") {
    for (auto const* name : {"embedded.toml", "bench.toml", "postgresql.toml", "tls.toml"}) {
        CAPTURE(name);
        CHECK(wrong_in(load_shipped(name)).empty());
    }
}

TEST_CASE("embedded.toml is the default") {
    auto const plain = config::load({});
    auto const file = load_shipped("embedded.toml");
    for (auto const& one : keys()) {
        if (one.path.find("[]") != std::string_view::npos) continue;
        CAPTURE(std::string(one.path));
        CHECK(one.value_text(file.values, 0) == one.value_text(plain.values, 0));
    }
    CHECK(file.values.listeners.size() == 1);
    CHECK(file.values.broker.access.size() == 1);
    CHECK(file.values.auth.accounts.empty());
}

TEST_CASE("bench.toml has the account guest, wide limits, and topics for everyone") {
    auto const values = load_shipped("bench.toml").values;
    CHECK(values.auth.mode == auth_mode::required);
    REQUIRE(values.auth.accounts.size() == 1);
    CHECK(values.auth.accounts[0].login == "guest");
    CHECK(values.limits.frame.max_body >= 1_MiB);
    REQUIRE(values.broker.access.size() == 1);
    auto const& rule = values.broker.access[0];
    CHECK(rule.destination == "/topic/**");
    CHECK(rule.send == std::vector<std::string>{"*"});
    CHECK(rule.subscribe == std::vector<std::string>{"*"});
    CHECK(rule.subscribe_wildcard == std::vector<std::string>{"*"});
    CHECK(values.storage.backend == storage_backend::sqlite);
    CHECK(values.http.allowed_origins == std::vector<std::string>{"*"});
    CHECK(values.log.level == log_level::warn);
}

TEST_CASE("tls.toml has three listeners, one of them without TLS and for this machine only") {
    auto const values = load_shipped("tls.toml").values;
    REQUIRE(values.listeners.size() == 3);
    CHECK(values.listeners[0].tls());
    CHECK(values.listeners[1].tls());
    CHECK(values.listeners[1].protocol == listener_protocol::stomp);
    CHECK_FALSE(values.listeners[2].tls());
    CHECK(values.listeners[2].address.host == "127.0.0.1");
}
