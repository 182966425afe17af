#include "config/command_line.hpp"
#include "support.hpp"

#include <doctest/doctest.h>

using namespace config;
using config_test::load;
using config_test::wrong_in;

namespace {

parsed_command_line parse(std::vector<std::string> arguments) {
    return parse_command_line(std::move(arguments), "1.2.3");
}

std::string wrong(std::vector<std::string> arguments) {
    auto const got = parse(std::move(arguments));
    return got.wrong.empty() ? "" : to_string(got.wrong.front());
}

}  // namespace

TEST_CASE("the flags are read in both spellings") {
    auto const got =
        parse({"--config", "a.toml", "--listen=0.0.0.0:1", "--data", "d", "--shards", "2"});
    CHECK(got.wrong.empty());
    CHECK(got.line.what == action::run);
    CHECK(got.line.file == "a.toml");
    CHECK(got.line.given == flags{"0.0.0.0:1", "d", "2"});
    CHECK(parse({}).line.given == flags{});
    CHECK_FALSE(parse({}).line.file);
}

TEST_CASE("flags that end the program say what to do instead") {
    CHECK(parse({"--version"}).line.text == "stampede 1.2.3\n");
    CHECK(parse({"--check-config", "--shards", "2"}).line.what == action::check_config);
    CHECK(parse({"--check-config", "--shards", "2"}).line.given.shards == "2");
    CHECK(parse({"--hash-passcode"}).line.what == action::hash_passcode);
    auto const help = parse({"--help"}).line;
    CHECK(help.what == action::print);
    for (auto const* flag : {"--config FILE", "--listen ADDRESS:PORT", "--data DIR", "--shards N",
                             "--check-config", "--version", "--hash-passcode"}) {
        CAPTURE(flag);
        CHECK(help.text.find(flag) != std::string::npos);
    }
    CHECK(parse({"--help-config"}).line.text.find("STAMPEDE_LIMITS__FRAME__MAX_BODY") !=
          std::string::npos);
}

TEST_CASE("an unknown argument is refused with the one that was meant") {
    CHECK(wrong({"--lisen", "x"}) == "argument --lisen: not known; did you mean --listen?");
    CHECK(wrong({"--shard=4"}) == "argument --shard=4: not known; did you mean --shards?");
    CHECK(wrong({"what"}) == "argument what: not known; see stampede --help");
    CHECK_FALSE(wrong({"--shards"}).empty());
    CHECK_FALSE(wrong({"--shards", "1", "--shards", "2"}).empty());
}

TEST_CASE("a flag's value is checked like its key") {
    CHECK(wrong_in(load("", {}, {.shards = "many"})) ==
          "flag --shards: node.shards: expected a whole number, from 0 to 256; got \"many\"");
    CHECK(wrong_in(load("", {}, {.listen = "example.org:80"})) ==
          "flag --listen: listeners[0].address: expected ADDRESS:PORT with a numeric address, such "
          "as \"0.0.0.0:8080\" or \"[::1]:8080\"; got \"example.org:80\"");
    CHECK(wrong_in(load("", {}, {.data = ""})) ==
          "flag --data: node.data_directory: expected a path; got \"\"");
}

TEST_CASE("--listen is for the first HTTP listener, and makes one if need be") {
    std::string const stomp = "[[listeners]]\naddress = \"127.0.0.1:1\"\nprotocol = \"stomp\"\n";
    std::string const http = "[[listeners]]\naddress = \"127.0.0.1:2\"\n";
    auto const second = load(stomp + http + http.substr(0, 14) + "address = \"127.0.0.1:4\"\n", {},
                             {.listen = "127.0.0.1:3"});
    REQUIRE(second.values.listeners.size() == 3);
    CHECK(second.values.listeners[0].address.port == 1);
    CHECK(second.values.listeners[1].address.port == 3);
    CHECK(second.values.listeners[2].address.port == 4);

    auto const added = load(stomp, {}, {.listen = "127.0.0.1:3"});
    REQUIRE(added.values.listeners.size() == 2);
    CHECK(added.values.listeners[1].address.port == 3);
    CHECK(added.values.listeners[1].protocol == listener_protocol::http);
}

TEST_CASE("the file is the flag's, else the environment's") {
    CHECK(inputs_of({.file = "flag"}, {"STAMPEDE_CONFIG=env"}).file == "flag");
    CHECK(inputs_of({}, {"X=1", "STAMPEDE_CONFIG=env"}).file == "env");
    CHECK_FALSE(inputs_of({}, {"STAMPEDE_CONFIG="}).file);
    CHECK_FALSE(inputs_of({}, {}).file);
}

TEST_CASE("a flag that ends the program takes no value") {
    for (auto const* name : {"--check-config", "--hash-passcode", "--version", "--help"}) {
        CAPTURE(std::string(name));
        auto const parsed = parse_command_line({std::string(name) + "=false"}, "1");
        REQUIRE(parsed.wrong.size() == 1);
        CHECK(parsed.wrong[0].what.find(name + 2) != std::string::npos);
    }
}
