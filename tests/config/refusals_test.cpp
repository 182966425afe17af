#include "support.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace config;
using config_test::lines_of;
using config_test::load;
using config_test::wrong_in;

namespace {
std::string const hash =
    "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
}

TEST_CASE("a number with a point is shown with it") {
    CHECK(wrong_in(load("[node]\nshards = 1.0\n")) ==
          "/etc/s.toml:2:10: node.shards: expected a whole number, from 0 to 256; got 1.0");
    CHECK(wrong_in(load("[node]\nshards = 1.5\n")).ends_with("got 1.5"));
}

TEST_CASE("everything that is wrong is said at once, in the order of the file, with its place") {
    auto const got = load(R"([node]
shards = "two"
[limits.frame]
max_body = "1 PiB"
max_bodi = 1
[auth]
mode = "closed"
)",
                          {"STAMPEDE_LOG__LEVEL=loud"}, {.shards = "x"});
    auto const lines = lines_of(got.wrong);
    auto const has = [&](std::string_view line) {
        return std::ranges::find(lines, line) != lines.end();
    };
    CHECK(lines.size() == 6);
    CHECK(has("/etc/s.toml:5:1: limits.frame.max_bodi: no such key; did you mean max_body?"));
    CHECK(
        has("/etc/s.toml:2:10: node.shards: expected a whole number, from 0 to 256; got \"two\""));
    CHECK(
        has("/etc/s.toml:4:12: limits.frame.max_body: expected a size, such as \"64 KiB\" or a "
            "number of bytes, from 1 KiB to 1 GiB; got \"1 PiB\""));
    CHECK(
        has("/etc/s.toml:7:8: auth.mode: expected one of \"open\" or \"required\"; got "
            "\"closed\""));
    CHECK(
        has("environment variable STAMPEDE_LOG__LEVEL: log.level: expected one of \"trace\", "
            "\"debug\", \"info\", \"warn\" or \"error\"; got \"loud\""));
    CHECK(has("flag --shards: node.shards: expected a whole number, from 0 to 256; got \"x\""));
}

TEST_CASE("what is not TOML is refused where it stops being TOML") {
    auto const lines = lines_of(load("[node]\nshards = = 2\n").wrong);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("/etc/s.toml:2:10: not TOML: "));
    CHECK(lines_of(load("[node]\nshards = 1\nshards = 2\n").wrong)
              .at(0)
              .starts_with("/etc/s.toml:3:"));
}

TEST_CASE("a file that cannot be read is refused by its name") {
    auto const got =
        config::load({.file = "/no/such.toml", .read_file = config_test::reader_of({})});
    CHECK(wrong_in(got) ==
          "/no/such.toml: the configuration file cannot be read: No such file or directory");
}

TEST_CASE("an unknown key is refused with what was meant") {
    CHECK(wrong_in(load("[nod]\nshards = 1\n")) ==
          "/etc/s.toml:1:2: nod: no such key; did you mean node?");
    CHECK(wrong_in(load("[limits]\nmax_body = 1\n")) ==
          "/etc/s.toml:2:1: limits.max_body: no such key; did you mean limits.frame.max_body?");
    CHECK(wrong_in(load("[chat]\nxyz = 1\n")) ==
          "/etc/s.toml:2:1: chat.xyz: no such key; expected one of max_content_length, presence, "
          "lobby");
    CHECK(wrong_in(load("[[listeners]]\nadress = \"127.0.0.1:1\"\n")) ==
          "/etc/s.toml:2:1: listeners[0].adress: no such key; did you mean address?");
}

TEST_CASE("tables, arrays of tables and values are not taken for each other") {
    CHECK(wrong_in(load("node = 5\n")) ==
          "/etc/s.toml:1:8: node: expected a table, [node]; got a whole number");
    CHECK(wrong_in(load("[listeners]\naddress = \"127.0.0.1:1\"\n")) ==
          "/etc/s.toml:1:1: listeners: expected an array of tables, [[listeners]]; got a table");
    CHECK(wrong_in(load("listeners = [5]\n")) ==
          "/etc/s.toml:1:14: listeners: expected an array of tables, [[listeners]]; got a whole "
          "number in it");
    CHECK(wrong_in(load("[node.shards]\nx = 1\n")) ==
          "/etc/s.toml:1:1: node.shards: expected a whole number, from 0 to 256; got a table");
}

TEST_CASE("listeners need both TLS files, and addresses of their own") {
    config_test::files const pem{{"/etc/a.pem", "x"}};
    CHECK(wrong_in(load("[[listeners]]\ntls_certificate = \"a.pem\"\n", {}, {}, pem)) ==
          "/etc/s.toml:2:19: listeners[0].tls_key: expected tls_certificate and tls_key together; "
          "one is missing");
    CHECK(wrong_in(load("[[listeners]]\ntls_key = \"a.pem\"\n", {}, {}, pem)) ==
          "/etc/s.toml:2:11: listeners[0].tls_certificate: expected tls_certificate and tls_key "
          "together; one is missing");
    CHECK(wrong_in(load("[[listeners]]\ntls_certificate = \"a.pem\"\ntls_key = \"b.pem\"\n", {}, {},
                        pem)) ==
          "/etc/s.toml:3:11: listeners[0].tls_key: expected the path of a readable file; "
          "/etc/b.pem: No such file or directory");
    CHECK(wrong_in(load("[[listeners]]\n[[listeners]]\n")) ==
          "/etc/s.toml:2:1: listeners[1].address: another listener has 127.0.0.1:8080 already");
    CHECK(load("[[listeners]]\naddress = \"127.0.0.1:0\"\n[[listeners]]\n"
               "address = \"127.0.0.1:0\"\n")
              .ok());
}

TEST_CASE("paths are plain, apart, and outside the REST interface") {
    auto const path = [](std::string const& text) {
        return wrong_in(load("[http]\nwebsocket_path = \"" + text + "\"\n"));
    };
    CHECK(path("/stomp").empty());
    CHECK(path("/a/b.c").empty());
    for (auto const* text : {"ws", "/ws/", "//ws", "/w s", "/w?s", "/api", "/api/ws", "/ws-chat",
                             "/ws-chat/websocket"}) {
        CAPTURE(text);
        CHECK(path(text).starts_with("/etc/s.toml:2:18: http.websocket_path: expected "));
    }
}

TEST_CASE("origins are written as browsers write them") {
    auto const origin = [](std::string const& text) {
        return wrong_in(load("[http]\nallowed_origins = [\"" + text + "\"]\n"));
    };
    for (auto const* text : {"*", "https://chat.example.org", "http://localhost:5173",
                             "https://[::1]:8443", "http://example.org:443"}) {
        CAPTURE(text);
        CHECK(origin(text).empty());
    }
    for (auto const* text :
         {"chat.example.org", "https://chat.example.org/", "https://Chat.org", "https://a.org:443",
          "http://a.org:80", "https://", "https://*.a.org", "ftp://a.org"}) {
        CAPTURE(text);
        CHECK(origin(text).starts_with("/etc/s.toml:2:19: http.allowed_origins: expected "));
    }
}

TEST_CASE("limits that contradict each other are refused") {
    CHECK(wrong_in(load("[limits.frame]\nmax_body = \"2 MiB\"\n")) ==
          "/etc/s.toml:2:12: limits.websocket.max_message: expected at least 2129920 bytes, the "
          "largest frame (limits.frame.max_body and limits.frame.max_headers_size together); got 1 "
          "MiB\n"
          "/etc/s.toml:2:12: limits.outbound.queue: expected at least 2129920 bytes, the largest "
          "frame (limits.frame.max_body and limits.frame.max_headers_size together); got 1 MiB");
    CHECK(wrong_in(load("[limits.frame]\nmax_header_line = \"64 KiB\"\n")) ==
          "/etc/s.toml:2:19: limits.frame.max_header_line: expected at most "
          "limits.frame.max_headers_size, 32 KiB; got 64 KiB");
    CHECK(wrong_in(load("[limits.websocket]\nping_interval = \"2 min\"\n")) ==
          "/etc/s.toml:2:17: limits.websocket.ping_timeout: expected more than "
          "limits.websocket.ping_interval, 2 min; got 90 s");
    CHECK(load("[limits.websocket]\nping_interval = 0\nping_timeout = \"1 s\"\n").ok());
}

TEST_CASE("a value that was refused already is not refused again for its company") {
    auto const lines = lines_of(load("[limits.frame]\nmax_body = \"2 XiB\"\n").wrong);
    CHECK(lines.size() == 1);
    CHECK(lines_of(load("[auth.jwt]\nalgorithms = [\"HS256\"]\nsecret_file = \"none\"\n").wrong)
              .size() == 1);
}

TEST_CASE("credentials that nobody could have are refused") {
    CHECK(wrong_in(load("[auth]\nmode = \"required\"\n")) ==
          "/etc/s.toml:2:8: auth.mode: \"required\" needs [[auth.accounts]] or [auth.jwt] with "
          "algorithms; as it is nobody could connect");
}

TEST_CASE("accounts need a login of their own and an argon2id hash, which never shows") {
    auto const account = [](std::string const& login, std::string const& value) {
        return "[[auth.accounts]]\nlogin = \"" + login + "\"\npasscode_hash = \"" + value + "\"\n";
    };
    CHECK(load(account("a", hash)).ok());
    CHECK(wrong_in(load(account("a", hash) + account("a", hash))) ==
          "/etc/s.toml:5:9: auth.accounts[1].login: another account has the login \"a\"");
    auto const wrong = wrong_in(load(account("a", "hunter2")));
    CHECK(
        wrong.starts_with("/etc/s.toml:3:17: auth.accounts[0].passcode_hash: expected an argon2id "
                          "hash"));
    CHECK(wrong.find("hunter2") == std::string::npos);
    CHECK(
        wrong_in(load("[[auth.accounts]]\nlogin = \"a\"\npasscode_hash = 12345\n")).find("12345") ==
        std::string::npos);
    CHECK(wrong_in(load("[[auth.accounts]]\nlogin = \"a\"\n")) ==
          "/etc/s.toml:1:1: auth.accounts[0].passcode_hash: missing; expected a text, not empty");
    CHECK_FALSE(load(account("a\\nb", hash)).ok());
    CHECK_FALSE(load(account("", hash)).ok());
}

TEST_CASE("tokens need a key for each algorithm, and no key without one") {
    auto const jwt = [](std::string const& text) { return wrong_in(load("[auth.jwt]\n" + text)); };
    CHECK(jwt("algorithms = [\"HS256\"]\n") ==
          "/etc/s.toml:2:14: auth.jwt.algorithms: HS256 needs auth.jwt.secret or "
          "auth.jwt.secret_file");
    CHECK(jwt("algorithms = [\"RS256\"]\n") ==
          "/etc/s.toml:2:14: auth.jwt.algorithms: RS256 needs auth.jwt.public_key_file, "
          "auth.jwt.jwks_file or auth.jwt.jwks_url");
    CHECK(
        jwt("jwks_url = \"https://a.org/k\"\n") ==
        "/etc/s.toml:2:12: auth.jwt.algorithms: there is a public key, but neither RS256 nor ES256 "
        "is accepted");
    CHECK(jwt("algorithms = [\"ES256\"]\njwks_url = \"https://a.org/k\"\n").empty());
    CHECK(
        jwt("algorithms = [\"ES256\"]\njwks_url = \"a.org/k\"\n") ==
        "/etc/s.toml:3:12: auth.jwt.jwks_url: expected an http or https address; got \"a.org/k\"");
}

TEST_CASE("PostgreSQL needs a connection, and a connection is for PostgreSQL") {
    CHECK(wrong_in(load("[storage]\nbackend = \"postgresql\"\n")) ==
          "/etc/s.toml:2:11: storage.connection: missing; the backend \"postgresql\" needs it, or "
          "storage.connection_file");
    auto const wrong = wrong_in(load("[storage]\nconnection = \"postgresql://u:hunter2@h/d\"\n"));
    CHECK(wrong ==
          "/etc/s.toml:2:14: storage.backend: expected \"postgresql\", since a connection is "
          "given; got \"sqlite\"");
}

TEST_CASE("access rules are checked for their destination and for whom they name") {
    auto const rule = [](std::string const& destination, std::string const& more = "") {
        return wrong_in(load("[[broker.access]]\ndestination = \"" + destination + "\"\n" + more));
    };
    for (auto const* text : {"/topic/a", "/topic/*", "/topic/**", "/topic/a/*/b", "/topic/a/#"}) {
        CAPTURE(text);
        CHECK(rule(text).empty());
    }
    for (auto const* text : {"/topic", "/topic/", "/queue/a", "topic/a", "/topic//a", "/topic/a/",
                             "/topic/a*", "/topic/**/a", "/topic/#/a", "/topic/a\\tb"}) {
        CAPTURE(text);
        CHECK(rule(text).starts_with("/etc/s.toml:2:15: broker.access[0].destination: expected "));
    }
    CHECK(rule("/topic/a", "send = [\"*\", \"authenticated\", \"role:x\", \"user:7\"]\n").empty());
    CHECK(rule("/topic/a", "send = [\"everyone\"]\n") ==
          "/etc/s.toml:3:8: broker.access[0].send: expected \"*\", \"authenticated\", "
          "\"role:NAME\" or \"user:NAME\"; got \"everyone\"");
    CHECK(rule("/topic/a", "subscribe = [\"role:\"]\n")
              .starts_with("/etc/s.toml:3:13: broker.access[0].subscribe: "));
    CHECK(rule("/topic/a", "subscribe_wildcard = [\"*\"]\n")
              .starts_with("/etc/s.toml:3:22: broker.access[0].subscribe_wildcard: "));
}

TEST_CASE("proxies are addresses or networks, and their header is the name of one") {
    for (auto const* good : {"192.0.2.1", "10.0.0.0/8", "fd00::/8", "::1"}) {
        CHECK(load(std::string("[http]\ntrusted_proxies = [\"") + good + "\"]\n").ok());
    }
    for (auto const* bad :
         {"proxy.example.org", "localhost", "*", "10.0.0.0/33", "10.0.0.0/", "fd00::/129"}) {
        auto const got = load(std::string("[http]\ntrusted_proxies = [\"") + bad + "\"]\n");
        CHECK(wrong_in(got).starts_with(
            "/etc/s.toml:2:19: http.trusted_proxies: expected numeric addresses or networks"));
    }
    CHECK(wrong_in(load("[http]\nclient_address_header = \"X Real IP\"\n"))
              .starts_with("/etc/s.toml:2:25: http.client_address_header: expected the name"));
}

TEST_CASE("a problem is one line, whatever names and values have in them") {
    CHECK(wrong_in(load("\"a\\nb\" = 1\n")).starts_with("/etc/s.toml:1:1: a?b: no such key"));
    auto const long_text = std::string(59, 'x') + "\xC3\xA4" + std::string(20, 'y');
    CHECK(wrong_in(load("[node]\nshards = \"" + long_text + "\"\n"))
              .ends_with("got \"" + std::string(59, 'x') + "…\""));
}
