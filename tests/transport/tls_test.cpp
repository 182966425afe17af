#include "tests/transport/socket_client.hpp"
#include "tests/transport/test_server.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

using namespace transport_test;

namespace {

constexpr auto tls = socket_client::security::tls;

// A directory with a certificate and its key, made by the openssl command.
class certificate_directory {
public:
    certificate_directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "stampede-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~certificate_directory() { std::filesystem::remove_all(path_); }
    certificate_directory(certificate_directory const&) = delete;
    certificate_directory& operator=(certificate_directory const&) = delete;

    void make(int serial) const {
        auto const command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
            " -subj /CN=localhost -set_serial " +
            std::to_string(serial) + " -keyout " + files().private_key + " -out " +
            files().certificate_chain + " 2>/dev/null";
        REQUIRE(std::system(command.c_str()) == 0);
    }
    void copy(certificate_directory const& from) const {
        using enum std::filesystem::copy_options;
        std::filesystem::copy(from.path_, path_, recursive | overwrite_existing);
    }
    net::tls_files files() const { return {path_ + "/certificate.pem", path_ + "/key.pem"}; }

private:
    std::string path_;
};

struct tls_server {
    explicit tls_server(net::transport_options options = {}) {
        certificates.make(16);
        server = std::make_unique<test_server>(std::move(options),
                                               net::listener_options{.tls = certificates.files()});
    }
    certificate_directory certificates;
    std::unique_ptr<test_server> server;
};

bool all(broker::transport::tls_files const&) {
    return true;
}

}  // namespace

TEST_CASE("HTTPS and WSS work over TLS 1.2 and later, with ALPN") {
    tls_server fixture;
    auto& server = *fixture.server;
    net::websocket_options options;
    options.max_message_bytes = 8 << 20;
    options.outbound_bytes = 32 << 20;
    server.routes().add("/echo", echo_route(options));
    server.routes().add("/secure", [](net::http_exchange_ptr const& exchange) {
        exchange->respond(net::text_response(200, exchange->request().secure ? "secure" : "plain"));
    });
    server.routes().add("/post", [](net::http_exchange_ptr const& exchange) {
        exchange->respond(net::text_response(200, std::to_string(exchange->request().body.size())));
    });
    server.start();
    socket_client client(server.port(), tls);
    CHECK(client.tls_version().starts_with("TLSv1."));
    CHECK(client.alpn() == "http/1.1");
    client.send("GET /secure HTTP/1.1\r\nHost: x\r\n\r\nGET /secure HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.receive_answer().body == "secure");
    CHECK(client.receive_answer().body == "secure");
    client.send("POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" +
                std::string(1'000'000, 'x'));
    CHECK(client.receive_answer().body == "1000000");

    CHECK(client.upgrade("/echo").status == 101);
    client.send_text("hello");
    CHECK(client.receive_frame().payload == "hello");
    std::string big(5 << 20, '\0');
    for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 7 >> 2);
    client.send_frame(0x82, big);
    CHECK(client.receive_frame().payload == big);
    // Many small frames in one TLS record, and one frame over many records.
    std::string many;
    for (int i = 0; i < 1000; ++i) many += masked_frame(0x81, std::to_string(i));
    client.send(many);
    for (int i = 0; i < 1000; ++i) CHECK(client.receive_frame().payload == std::to_string(i));
    client.send_frame(0x88, close_payload(1000));
    CHECK(client.receive_frame().close_code() == 1000);
    CHECK(client.receive_to_end().empty());
}

TEST_CASE("a slow TLS reader gets everything; nothing is torn by partial writes") {
    event_log log;
    tls_server fixture;
    auto& server = *fixture.server;
    net::websocket_options options;
    options.outbound_bytes = 64 << 20;
    server.routes().add("/ws", scripted_route(log, options, [&](auto& connection, auto) {
                            auto const tail = net::make_payload(std::string(40'000, 't'));
                            for (int i = 0; i < 300; ++i) {
                                connection.send(net::make_payload(std::to_string(i) + " "),
                                                i % 3 == 0 ? tail : net::payload_ref(),
                                                net::frame_kind::text);
                            }
                        }));
    server.start();
    socket_client client(server.port(), tls, 4096);
    client.upgrade("/ws");
    client.send_text("go");
    for (int i = 0; i < 300; ++i) {
        auto const payload = client.receive_frame().payload;
        auto const expected = std::to_string(i) + " ";
        CHECK(payload.substr(0, expected.size()) == expected);
        CHECK(payload.size() == expected.size() + (i % 3 == 0 ? 40'000 : 0));
    }
}

TEST_CASE("droppable messages dropped in the middle of a TLS write leave the stream whole") {
    event_log log;
    tls_server fixture;
    auto& server = *fixture.server;
    net::websocket_options options;
    options.outbound_bytes = 300'000;
    server.routes().add(
        "/ws", scripted_route(log, options, [&](auto& connection, std::string_view text) {
            if (text == "end") {
                connection.send({}, net::make_payload("end"), net::frame_kind::text);
                return log.add("all sent");
            }
            for (int i = 0; i < 40; ++i) {
                auto* const tail =
                    new net::payload(std::string(50'000, static_cast<char>('a' + i % 26)));
                tail->droppable = true;
                connection.send({}, net::payload_ref(tail), net::frame_kind::text);
            }
        }));
    server.start();
    socket_client client(server.port(), tls, 4096);
    client.upgrade("/ws");
    for (int i = 0; i < 10; ++i) client.send_text("more");
    client.send_text("end");
    // One that reads meanwhile may be quick enough to lose nothing.
    CHECK(log.wait_for("all sent"));
    int whole = 0;
    for (;;) {
        auto const payload = client.receive_frame().payload;
        if (payload == "end") break;
        CHECK(payload == std::string(50'000, payload[0]));
        ++whole;
    }
    CHECK(whole < 400);
}

TEST_CASE(
    "a new certificate is used without a restart; a bad one is refused and the old one stays") {
    tls_server fixture;
    auto& server = *fixture.server;
    server.routes().add("/echo", echo_route());
    server.start();
    socket_client before(server.port(), tls);
    CHECK(before.certificate_serial() == "10");
    before.upgrade("/echo");

    fixture.certificates.make(17);
    server.server().read_certificates(all)();
    socket_client after(server.port(), tls);
    CHECK(after.certificate_serial() == "11");
    before.send_text("alive");
    CHECK(before.receive_frame().payload == "alive");

    std::ofstream(fixture.certificates.files().certificate_chain) << "no certificate";
    CHECK_THROWS_WITH_AS(server.server().read_certificates(all),
                         doctest::Contains("certificate.pem"), std::runtime_error);
    CHECK(socket_client(server.port(), tls).certificate_serial() == "11");
}

TEST_CASE("new certificates are used by every listener or by none") {
    // Made at the beginning: a program that is started holds our sockets for a moment, so that
    // those that are closed meanwhile stay in the poller.
    certificate_directory first, second, first_fresh, second_fresh;
    first.make(16);
    second.make(32);
    first_fresh.make(17);
    second_fresh.make(33);
    test_server server({}, {.tls = first.files()});
    server.start();
    auto const second_port = server.server().listen({.tls = second.files()}, server.routes());
    REQUIRE(second_port);
    auto const serials = [&] {
        return socket_client(server.port(), tls).certificate_serial() + " " +
               socket_client(*second_port, tls).certificate_serial();
    };
    CHECK(serials() == "10 20");

    first.copy(first_fresh);
    std::ofstream(second.files().certificate_chain) << "no certificate";
    CHECK_THROWS_WITH_AS(server.server().read_certificates(all),
                         doctest::Contains(second.files().certificate_chain.c_str()),
                         std::runtime_error);
    CHECK(serials() == "10 20");

    second.copy(second_fresh);
    auto use = server.server().read_certificates(all);
    CHECK(serials() == "10 20");
    // Read is read: what becomes of the files afterwards does not matter.
    std::ofstream(second.files().certificate_chain) << "no certificate";
    use();
    CHECK(serials() == "11 21");
}

TEST_CASE("who does not speak TLS, or does not finish the handshake, is dropped") {
    tls_server fixture({.http = {.header_deadline = std::chrono::seconds(1)}});
    fixture.server->start();
    socket_client plain(fixture.server->port());
    plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    plain.ended_orderly();
    socket_client silent(fixture.server->port());
    silent.send("\x16\x03\x01");
    silent.ended_orderly();
    while (fixture.server->server().counts().open > 0) {
    }
}

TEST_CASE("a TLS listener without a usable certificate throws, naming the file") {
    net::transport_server server({});
    net::http_routes routes;
    CHECK_THROWS_WITH_AS(
        server.listen({.tls = net::tls_files{"/nonexistent/cert.pem", "/nonexistent/key.pem"}},
                      routes),
        doctest::Contains("/nonexistent/cert.pem"), std::runtime_error);
}
