#include "tests/transport/socket_client.hpp"
#include "tests/transport/test_server.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

// Pings: who is silent, who may be, and what is done about it.

using namespace transport_test;

TEST_CASE("a silent peer is pinged, and ended when it stays silent; one that answers lives") {
    event_log log;
    test_server server;
    net::websocket_options options;
    options.ping_interval_s = 1;
    options.ping_timeout_s = 2;
    server.routes().add("/dead", scripted_route(log, options, [](auto&, auto) {}));
    server.routes().add("/alive", echo_route(options));
    server.start();
    socket_client dead(server.port());
    dead.upgrade("/dead");
    socket_client alive(server.port());
    alive.upgrade("/alive");
    for (int i = 0; i < 3; ++i) {
        CHECK(alive.receive_frame().first == 0x89);
        alive.send_frame(0x8A, "");
    }
    CHECK(dead.receive_frame().first == 0x89);
    CHECK(dead.receive_frame().close_code() == 4003);
    alive.send_text("still here");
    // A further ping may come first.
    auto frame = alive.receive_frame();
    while (frame.first == 0x89) frame = alive.receive_frame();
    CHECK(frame.payload == "still here");
    CHECK(log.wait_for("closed 4003 ping not answered"));
}

TEST_CASE("a peer that is not read is not given up for its silence") {
    event_log log;
    event_log other;
    test_server server;
    net::websocket_options options;
    options.ping_interval_s = 1;
    options.ping_timeout_s = 2;
    net::websocket_connection* connection = nullptr;
    net::loop* home = nullptr;
    server.routes().add("/ws", scripted_route(log, options, [&](auto& from, std::string_view text) {
                            connection = &from;
                            home = net::loop::current();
                            if (text == "pause") from.pause_reading();
                            log.add(std::string(text));
                        }));
    server.routes().add("/dead", scripted_route(other, options, [](auto&, auto) {}));
    server.start();
    socket_client client(server.port());
    client.upgrade("/ws");
    client.send(masked_frame(0x81, "pause") + masked_frame(0x81, "kept"));
    CHECK(log.wait_for("pause"));
    // One that is read, and came later, is given up first.
    socket_client dead(server.port());
    dead.upgrade("/dead");
    CHECK(other.wait_for("closed 4003 ping not answered"));
    // From then on its silence counts again.
    client.send_text("after");
    home->post([&] { connection->resume_reading(); });
    CHECK(log.wait_for("kept"));
    CHECK(log.wait_for("after"));
}

TEST_CASE("a peer that talks all the time is pinged, too, when we have nothing to say") {
    event_log log;
    test_server server;
    net::websocket_options options;
    options.ping_interval_s = 1;
    server.routes().add("/ws", scripted_route(log, options, [](auto&, auto) {}));
    server.start();
    socket_client client(server.port());
    client.upgrade("/ws");
    std::mutex mutex;
    std::condition_variable ping_seen;
    bool seen = false;
    std::thread talker([&] {
        std::unique_lock lock(mutex);
        while (!ping_seen.wait_for(lock, std::chrono::milliseconds(50), [&] { return seen; })) {
            client.send_text("beat");
        }
    });
    CHECK(client.receive_frame().first == 0x89);
    {
        std::lock_guard const lock(mutex);
        seen = true;
        ping_seen.notify_one();
    }
    talker.join();
}
