#include "tests/transport/socket_client.hpp"
#include "tests/transport/test_server.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>

using namespace transport_test;

namespace {

using on_text = std::function<void(net::tcp_connection&, std::string_view)>;

class tcp_script final : public net::tcp_handler {
public:
    tcp_script(event_log& log, on_text act) : log_(log), act_(std::move(act)) {}
    void on_open(net::tcp_connection& connection) override { connection_ = &connection; }
    void on_bytes(std::span<char> bytes) override {
        act_(*connection_, {bytes.data(), bytes.size()});
    }
    void on_overflow(net::tcp_connection& connection) override {
        log_.add("overflow");
        connection.abort();
    }
    void on_close() override { log_.add("closed"); }

private:
    event_log& log_;
    on_text act_;
    net::tcp_connection* connection_ = nullptr;
};

struct tcp_server {
    explicit tcp_server(on_text act, net::tcp_limits limits = {}) : server({.tcp = limits}) {
        auto const listening =
            server.listen({}, [this, act](net::loop& home, std::string_view peer) {
                CHECK(&home == net::loop::current());
                CHECK(peer.starts_with("127.0.0.1:"));
                return std::make_unique<tcp_script>(log, act);
            });
        port = *listening;
        server.start();
    }
    ~tcp_server() { server.stop(); }

    event_log log;
    net::transport_server server;
    std::uint16_t port = 0;
};

void say(net::tcp_connection& connection, std::string text) {
    connection.send(net::make_payload(std::move(text)), {});
}

}  // namespace

TEST_CASE("a TCP stream carries bytes both ways and ends when the client ends it") {
    tcp_server server([](auto& connection, auto text) { say(connection, std::string(text)); });
    socket_client client(server.port);
    client.send("hello");
    CHECK(client.receive_exactly(5) == "hello");
    client.close();
    CHECK(server.log.wait_for("closed"));
}

TEST_CASE("close sends what is queued, then the end; the handler hears of it") {
    tcp_server server([](auto& connection, auto) {
        say(connection, std::string(500'000, 'x'));
        connection.close();
        say(connection, "never");
    });
    socket_client client(server.port);
    client.send("go");
    CHECK(client.receive_to_end().size() == 500'000);
    client.close();
    CHECK(server.log.wait_for("closed"));
}

TEST_CASE("abort drops the connection") {
    tcp_server server([](auto& connection, auto) { connection.abort(); });
    socket_client client(server.port);
    client.send("go");
    client.ended_orderly();
    CHECK(server.log.wait_for("closed"));
}

TEST_CASE("a TCP reader that is too slow overflows its bound") {
    tcp_server server(
        [](auto& connection, auto) {
            for (int i = 0; i < 16; ++i) say(connection, std::string(1 << 20, 'x'));
        },
        {.outbound_bytes = 1 << 20});
    socket_client client(server.port, socket_client::security::plain, 4096);
    client.send("go");
    CHECK(server.log.wait_for("overflow"));
    CHECK(server.log.wait_for("closed"));
}

TEST_CASE("what a client does not read waits where it is counted, not in the kernel") {
    event_log found;
    tcp_server server(
        [&](auto& connection, std::string_view text) {
            if (text == "go") {
                for (int i = 0; i < 16; ++i) say(connection, std::string(64 << 10, 'x'));
            }
            found.add(connection.queued_bytes() > (512 << 10) ? "waits" : "has left");
        },
        {.outbound_bytes = 4 << 20});
    socket_client client(server.port, socket_client::security::plain, 4096);
    client.send("go");
    REQUIRE(found.wait_for("waits"));
    // Many turns, in each of which the kernel may take more.
    for (int turn = 0; turn < 20; ++turn) {
        client.send("?");
        REQUIRE(found.wait_for("waits"));
    }
}

TEST_CASE("a paused TCP connection takes no bytes until it is resumed") {
    event_log bytes;
    net::tcp_connection* paused = nullptr;
    net::loop* home = nullptr;
    tcp_server server([&](auto& connection, std::string_view text) {
        bytes.add(std::string(text));
        if (text != "pause") return;
        paused = &connection;
        home = net::loop::current();
        connection.pause_reading();
    });
    socket_client client(server.port);
    client.send("pause");
    CHECK(bytes.wait_for("pause"));
    client.send("held back");
    socket_client other(server.port);
    other.send("other");
    CHECK(bytes.wait_for("other"));
    CHECK(bytes.all().empty());
    home->post([&] { paused->resume_reading(); });
    CHECK(bytes.wait_for("held back"));
}

TEST_CASE("a factory may refuse a client") {
    net::transport_server server({});
    auto const port = server.listen({}, [](net::loop&, std::string_view) { return nullptr; });
    server.start();
    socket_client client(*port);
    CHECK(client.receive_to_end().empty());
    CHECK(server.counts().open == 0);
    server.stop();
}
