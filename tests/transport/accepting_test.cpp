#include "tests/transport/socket_client.hpp"
#include "tests/transport/test_server.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <thread>

// Who gets a connection, who is told that there is none, and how a server stops taking them.

using namespace transport_test;

namespace {

void say_x(net::http_exchange_ptr const& exchange) {
    exchange->respond(net::text_response(200, "x"));
}

constexpr std::string_view get_request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("over the limit of connections a client is told 503 and counted") {
    test_server server({.max_connections = 2});
    server.routes().add("/", say_x);
    server.start();
    auto first = std::make_unique<socket_client>(server.port());
    socket_client second(server.port());
    first->send(get_request);
    second.send(get_request);
    first->receive_answer();
    second.receive_answer();
    socket_client third(server.port());
    auto const refused = third.receive_answer();
    CHECK(refused.status == 503);
    CHECK(refused.header("Retry-After") == "10");
    CHECK(server.server().counts().refused == 1);
    CHECK(server.server().counts().open == 2);
    // One goes, another one comes.
    first->send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    first->receive_to_end();
    first.reset();
    while (server.server().counts().open == 2) std::this_thread::yield();
    socket_client fourth(server.port());
    fourth.send(get_request);
    CHECK(fourth.receive_answer().status == 200);
}

TEST_CASE("without a free descriptor clients are told 503, and later ones are served") {
    test_server server;
    server.routes().add("/", say_x);
    server.start();
    {
        no_descriptors_left const short_of_them(3);
        std::vector<socket_client> clients;  // which keep theirs
        for (int i = 0; i < 3; ++i) {
            clients.push_back(short_of_them.connect(server.port()));
            CHECK(clients.back().receive_answer().status == 503);
        }
    }
    CHECK(server.server().counts().refused == 3);
    CHECK(server.server().counts().open == 0);
    socket_client later(server.port());
    later.send(get_request);
    CHECK(later.receive_answer().status == 200);
}

TEST_CASE("a taken port is an error, also for a second server of the same program") {
    test_server server;
    server.start();
    net::transport_server other({});
    net::http_routes routes;
    auto const second = other.listen({.port = server.port()}, routes);
    REQUIRE(!second);
    CHECK(second.error() == boost::system::errc::address_in_use);
    CHECK(!other.listen({.address = "not an address"}, routes));
}

TEST_CASE("stop_accepting closes the port and lets what is under way finish") {
    event_log log;
    test_server server({.loops = 2});
    server.routes().add("/slow", [&](net::http_exchange_ptr const& exchange) {
        log.add("asked");
        auto& home = exchange->home();
        std::thread([&log, &home, exchange] {
            log.wait_for("go");
            home.post([exchange] { exchange->respond(net::text_response(200, "finished")); });
        }).detach();
    });
    server.routes().add("/", say_x);
    server.start();
    socket_client idle(server.port());
    idle.send(get_request);
    idle.receive_answer();
    socket_client busy(server.port());
    busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(log.wait_for("asked"));
    server.server().stop_accepting();
    CHECK(idle.receive_to_end().empty());
    CHECK_THROWS(socket_client(server.port()));
    log.add("go");
    auto const answer = busy.receive_answer();
    CHECK(answer.body == "finished");
    CHECK(answer.header("Connection") == "close");
    CHECK(busy.receive_to_end().empty());
}
