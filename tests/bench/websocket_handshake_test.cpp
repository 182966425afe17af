#include "bench/client/websocket_handshake.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bench;

namespace {

// RFC 6455, section 1.3.
constexpr auto key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr auto accept_value = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

}  // namespace

TEST_CASE("the specification's own example") {
    CHECK(websocket_accept_of(key) == accept_value);
    CHECK(make_websocket_key().size() == 24);
    CHECK(make_websocket_key() != make_websocket_key());
}

TEST_CASE("a request names the host as its URL does") {
    auto const text = to_text({"host", 8080, 80, "/ws?a=b", key, "v12.stomp", "t.o.k"});
    CHECK(text ==
          "GET /ws?a=b HTTP/1.1\r\nHost: host:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Protocol: v12.stomp\r\nAuthorization: Bearer t.o.k\r\n\r\n");
    CHECK(to_text({"host", 80, 80, "/", key, "", ""}).find("Host: host\r\n") != std::string::npos);
    CHECK(to_text({"::1", 443, 80, "/", key, "", ""}).find("Host: [::1]:443\r\n") !=
          std::string::npos);
}

TEST_CASE("each version offers its subprotocol, the best one first") {
    CHECK(websocket_protocols("1.2") == "v12.stomp");
    CHECK(websocket_protocols("1.0,1.1,1.2") == "v12.stomp, v11.stomp, v10.stomp");
    CHECK(websocket_protocols("2.0").empty());
}

TEST_CASE("an answer is agreed to, or says why not") {
    std::string const good =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: upgrade\r\n"
        "SEC-WEBSOCKET-ACCEPT:  s3pPLMBiTxaQ9kYGzzhZRbK+xOo= ";
    CHECK(handshake_refusal(good, accept_value).empty());
    CHECK(handshake_refusal(good, "another") == "HTTP 101 with a wrong Sec-WebSocket-Accept");
    CHECK(handshake_refusal("HTTP/1.1 403 Forbidden\r\na: b", accept_value) ==
          "HTTP/1.1 403 Forbidden");
    CHECK(handshake_refusal("HTTP/1.1 101 x", accept_value) ==
          "HTTP 101 without an upgrade to WebSocket");
    CHECK(handshake_refusal("CONNECTED", accept_value) == "what answers does not speak HTTP");
}

TEST_CASE("fields are found by name, whatever their case") {
    constexpr auto head = "GET / HTTP/1.1\r\nA-b: 1\r\nc:\t2 \r\nempty:";
    CHECK(http_field(head, "a-B") == "1");
    CHECK(http_field(head, "C") == "2");
    CHECK(http_field(head, "empty").empty());
    CHECK(http_field(head, "b").empty());
}
