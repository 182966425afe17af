#include "tests/transport/socket_client.hpp"
#include "tests/transport/test_server.hpp"

#include <doctest/doctest.h>

using namespace transport_test;

namespace {

net::http_handler say(std::string text) {
    return [text](net::http_exchange_ptr const& exchange) {
        exchange->respond(net::text_response(200, text));
    };
}

}  // namespace

TEST_CASE("a request is answered, and the next one on the same connection too") {
    test_server server;
    server.routes().add("/hello", say("hello"));
    server.start();
    socket_client client(server.port());

    for (int i = 0; i < 2; ++i) {
        client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        auto const answer = client.receive_answer();
        CHECK(answer.status == 200);
        CHECK(answer.body == "hello");
        CHECK(answer.header("Content-Length") == "5");
        CHECK(answer.header("Date").ends_with("GMT"));
    }
}

TEST_CASE("a WebSocket echoes text") {
    test_server server;
    server.routes().add("/echo", echo_route());
    server.start();
    socket_client client(server.port());

    auto const answer = client.upgrade("/echo");
    CHECK(answer.status == 101);
    CHECK(answer.header("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    client.send_text("hello");
    auto const frame = client.receive_frame();
    CHECK(frame.first == 0x81);
    CHECK(frame.payload == "hello");
}
