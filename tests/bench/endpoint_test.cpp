#include "bench/client/endpoint.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace bench;

TEST_CASE("each scheme has its framing, its security and its port") {
    struct row {
        char const* url;
        framing kind;
        bool tls;
        unsigned port;
        char const* path;
    };
    row const rows[] = {
        {"ws://host/ws", framing::websocket, false, 80, "/ws"},
        {"wss://host/ws", framing::websocket, true, 443, "/ws"},
        {"sockjs://host/ws", framing::sockjs, false, 80, "/ws"},
        {"sockjss://host/ws/", framing::sockjs, true, 443, "/ws"},
        {"stomp://host", framing::tcp, false, 61613, ""},
        {"stomps://host/", framing::tcp, true, 61614, ""},
    };
    for (auto const& row : rows) {
        CAPTURE(row.url);
        auto const out = parse_url(row.url);
        CHECK(out.kind == row.kind);
        CHECK(out.tls == row.tls);
        CHECK(out.host == "host");
        CHECK(out.port == row.port);
        CHECK(out.path == row.path);
        CHECK(out.url == row.url);
    }
}

TEST_CASE("a path may be missing, and may have a query") {
    CHECK(parse_url("ws://host").path == "/");
    CHECK(parse_url("ws://host:1?a=b").path == "/?a=b");
    CHECK(parse_url("ws://host:15674/ws?a=b:c").path == "/ws?a=b:c");
    CHECK(parse_url("ws://host/ws#part").path == "/ws");
}

TEST_CASE("an IPv6 address stands in brackets") {
    auto const out = parse_url("ws://[::1]:8080/ws");
    CHECK(out.host == "::1");
    CHECK(out.port == 8080);
    CHECK(parse_url("stomp://[fe80::1]").port == 61613);
}

TEST_CASE("a bad URL is named together with what is wrong") {
    for (std::string const url :
         {"", "host", "http://host/ws", "ws://", "ws:///ws", "ws://:80/ws", "ws://host:/ws",
          "ws://host:0/ws", "ws://host:65536/ws", "ws://host:80a/ws", "ws://host:-1/ws",
          "ws://::1/ws", "ws://[::1/ws", "ws://[::1]8080/ws", "ws://user:word@host/ws",
          "ws://host/a b", "ws://host/a\r\nb", "stomp://host/path", "sockjs://host/ws?x=1"}) {
        CAPTURE(url);
        try {
            parse_url(url);
            FAIL("no complaint");
        } catch (std::invalid_argument const& e) {
            CHECK(std::string(e.what()).find("\"" + url + "\"") != std::string::npos);
            CHECK(std::string(e.what()).find("expected ws://") != std::string::npos);
        }
    }
}
