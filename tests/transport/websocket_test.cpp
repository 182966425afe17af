#include "broker/transport/websocket_deflate.hpp"
#include "tests/transport/socket_client.hpp"
#include "tests/transport/test_server.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace transport_test;

namespace {

net::payload_ref droppable(std::string text) {
    auto* const made = new net::payload(std::move(text));
    made->droppable = true;
    return net::payload_ref(made);
}

}  // namespace

TEST_CASE("a WebSocket echoes text and binary, small and fragmented") {
    event_log log;
    test_server server;
    server.routes().add("/echo", echo_route({}, &log));
    server.start();
    socket_client client(server.port());
    auto const answer = client.upgrade("/echo");
    CHECK(answer.status == 101);
    CHECK(answer.header("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(answer.header("Sec-WebSocket-Protocol").empty());
    CHECK(answer.header("Sec-WebSocket-Extensions").empty());

    client.send_text("hello");
    auto frame = client.receive_frame();
    CHECK(frame.first == 0x81);
    CHECK(frame.payload == "hello");
    client.send_frame(0x82, std::string("\0\xFF", 2));
    frame = client.receive_frame();
    CHECK(frame.first == 0x82);
    CHECK(frame.payload == std::string("\0\xFF", 2));
    client.send_frame(0x01, "frag");
    client.send_frame(0x89, "ping");
    client.send_frame(0x80, "ment");
    frame = client.receive_frame();
    CHECK(frame.first == 0x8A);
    CHECK(frame.payload == "ping");
    CHECK(client.receive_frame().payload == "fragment");

    client.send_frame(0x88, close_payload(1000, "bye"));
    frame = client.receive_frame();
    CHECK(frame.first == 0x88);
    CHECK(frame.close_code() == 1000);
    CHECK(client.receive_to_end().empty());
    CHECK(log.wait_for("closed 1000 bye"));
}

TEST_CASE("frames may come in one packet with the handshake, and byte by byte") {
    test_server server;
    server.routes().add("/echo", echo_route());
    server.start();
    socket_client eager(server.port());
    eager.send(
        "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
        masked_frame(0x81, "one") + masked_frame(0x81, "two").substr(0, 5));
    CHECK(eager.receive_answer().status == 101);
    CHECK(eager.receive_frame().payload == "one");
    eager.send(masked_frame(0x81, "two").substr(5));
    CHECK(eager.receive_frame().payload == "two");

    socket_client slow(server.port());
    slow.upgrade("/echo");
    for (char const byte : masked_frame(0x81, std::string(300, 's'))) slow.send({&byte, 1});
    CHECK(slow.receive_frame().payload == std::string(300, 's'));
}

TEST_CASE("handshakes that cannot be get 400 or 426") {
    test_server server;
    server.routes().add("/echo", echo_route());
    server.routes().add("/sub", [](net::http_exchange_ptr const& exchange) {
        exchange->accept_websocket("v12.stomp", {}, std::make_unique<echo>());
    });
    server.start();
    socket_client plain(server.port());
    plain.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(plain.receive_answer().status == 400);
    plain.send(
        "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    auto const wrong = plain.receive_answer();
    CHECK(wrong.status == 426);
    CHECK(wrong.header("Sec-WebSocket-Version") == "13");
    // The connection is still good for a right one.
    CHECK(plain.upgrade("/sub").header("Sec-WebSocket-Protocol") == "v12.stomp");
}

TEST_CASE("a message of 16 MiB comes back whole, and the next one too") {
    test_server server;
    net::websocket_options options;
    options.max_message_bytes = 16 << 20;
    options.outbound_bytes = 64 << 20;
    server.routes().add("/echo", echo_route(options));
    server.start();
    std::string big(16 << 20, '\0');
    for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 31 >> 3);
    socket_client client(server.port());
    client.upgrade("/echo");
    client.send_frame(0x82, big);
    CHECK(client.receive_frame().payload == big);
    client.send_text("small");
    CHECK(client.receive_frame().payload == "small");
    // Its beginning: the rest might not come before the server has waited long enough for it.
    client.send(masked_frame(0x82, big + "x").substr(0, 1 << 20));
    CHECK(client.receive_frame().close_code() == 1009);
    CHECK(client.ended_orderly());
}

TEST_CASE("a peer that breaks the protocol gets the reason, then the end") {
    event_log log;
    test_server server;
    server.routes().add("/echo", echo_route({}, &log));
    server.start();
    struct row {
        std::string bytes;
        unsigned code;
        std::string event;
    };
    for (auto const& [bytes, code, event] : {
             row{masked_frame(0x83, ""), 1002, "closed 1002 unknown opcode"},
             row{masked_frame(0x81, "\xFF"), 1007, "closed 1007 text is not UTF-8"},
             row{masked_frame(0x88, "\x01"), 1002, "closed 1002 close frame of one byte"},
             row{std::string("\x81\x01x"), 1002, "closed 1002 frame is not masked"},
         }) {
        socket_client client(server.port());
        client.upgrade("/echo");
        client.send(masked_frame(0x81, "before") + bytes + masked_frame(0x81, "after"));
        CHECK(client.receive_frame().payload == "before");
        auto const frame = client.receive_frame();
        CHECK(frame.opcode() == 8);
        CHECK(frame.close_code() == code);
        CHECK(client.ended_orderly());
        CHECK(log.wait_for(event));
    }
}

TEST_CASE("close sends what is queued, then the close frame, and waits for the peer's") {
    event_log log;
    test_server server;
    server.routes().add("/ws", scripted_route(log, {}, [](auto& connection, auto) {
                            connection.send({}, net::make_payload("last"), net::frame_kind::text);
                            connection.close(4001, "reason");
                            connection.send({}, net::make_payload("never"), net::frame_kind::text);
                            connection.close(4002, "again");
                        }));
    server.start();
    socket_client client(server.port());
    client.upgrade("/ws");
    client.send(masked_frame(0x81, "x") + masked_frame(0x81, "ignored, we are closing"));
    CHECK(client.receive_frame().payload == "last");
    auto const frame = client.receive_frame();
    CHECK(frame.close_code() == 4001);
    CHECK(frame.payload.substr(2) == "reason");
    client.send_frame(0x88, close_payload(4001));
    CHECK(client.receive_to_end().empty());
    CHECK(log.wait_for("closed 4001 "));
}

TEST_CASE("a close handshake that never ends is ended, with 1006") {
    event_log log;
    test_server server;
    net::websocket_options options;
    options.close_timeout_s = 1;
    server.routes().add("/ws", scripted_route(log, options, [](auto& connection, auto) {
                            connection.close(1000, "");
                        }));
    server.start();
    socket_client client(server.port());
    client.upgrade("/ws");
    client.send_text("x");
    CHECK(client.receive_frame().close_code() == 1000);
    CHECK(log.wait_for("closed 1006 no close handshake"));
}

TEST_CASE("abort ends the connection at once; its handler hears of it afterwards") {
    event_log log;
    test_server server;
    server.routes().add("/ws", scripted_route(log, {}, [&](auto& connection, auto) {
                            connection.abort();
                            connection.send({}, net::make_payload("never"), net::frame_kind::text);
                            log.add("after abort");
                        }));
    server.start();
    socket_client client(server.port());
    client.upgrade("/ws");
    client.send(masked_frame(0x81, "x") + masked_frame(0x81, "not delivered"));
    CHECK(client.receive_to_end().empty());
    CHECK(log.wait_for("closed 1006 aborted"));
    CHECK(log.all() == std::vector<std::string>{"open", "after abort"});
}

TEST_CASE("a lost connection is 1006") {
    event_log log;
    test_server server;
    server.routes().add("/ws", scripted_route(log, {}, [](auto&, auto) {}));
    server.start();
    for (bool const reset : {false, true}) {
        socket_client client(server.port());
        client.upgrade("/ws");
        CHECK(log.wait_for("open"));
        client.close(reset);
        CHECK(log.wait_for("closed 1006 connection lost"));
    }
}

TEST_CASE("reading pauses between two messages, and nothing is lost or out of order") {
    event_log log;
    test_server server;
    net::websocket_connection* connection = nullptr;
    net::loop* home = nullptr;
    server.routes().add("/ws", scripted_route(log, {}, [&](auto& from, std::string_view text) {
                            connection = &from;
                            home = net::loop::current();
                            log.add(std::string(text));
                            if (text == "1" || text == "4") from.pause_reading();
                        }));
    server.start();
    socket_client client(server.port());
    client.upgrade("/ws");
    std::string all;
    for (int i = 1; i <= 6; ++i) all += masked_frame(0x81, std::to_string(i));
    client.send(all);
    CHECK(log.wait_for("1"));
    client.send(masked_frame(0x81, "7"));
    // A second client's message shows that the loop has gone round meanwhile.
    socket_client other(server.port());
    other.upgrade("/ws");
    CHECK(log.wait_for("open"));
    CHECK(log.all() == std::vector<std::string>{"open"});
    home->post([&] { connection->resume_reading(); });
    CHECK(log.wait_for("4"));
    home->post([&] { connection->resume_reading(); });
    CHECK(log.wait_for("7"));
    CHECK(log.all() == std::vector<std::string>{"open", "2", "3", "5", "6"});
}

TEST_CASE("a slow reader loses droppable messages first, then overflows") {
    event_log log;
    test_server server;
    net::websocket_connection* connection = nullptr;
    net::loop* home = nullptr;
    net::websocket_options options;
    options.outbound_bytes = 1 << 20;
    auto const act = [&](auto& to, std::string_view text) {
        connection = &to;
        home = net::loop::current();
        for (int i = 0; i < 8; ++i) {
            auto const size = std::size_t{1} << 20;
            to.send({},
                    text == "drop" ? droppable(std::string(size, 'd'))
                                   : net::make_payload(std::string(size, 'k')),
                    net::frame_kind::binary);
        }
        log.add("sent");
    };
    server.routes().add("/ws", scripted_route(log, options, act));
    server.start();
    socket_client client(server.port(), socket_client::security::plain, 4096);
    client.upgrade("/ws");
    // The socket's own buffers take some; then the queue fills, but what may be dropped is.
    for (int i = 0; i < 4; ++i) {
        client.send_text("drop");
        CHECK(log.wait_for("sent"));
    }
    auto const look = [&] {
        // One that has been begun is not dropped, so the rest of it may be over the bound.
        CHECK(connection->queued_bytes() <= (std::size_t{1} << 20) + 10);
        log.add("looked");
    };
    // The second post comes behind the flush of the turn in which the messages were sent.
    home->post([&] { home->post(look); });
    CHECK(log.wait_for("looked"));
    CHECK(log.wait_for("open"));
    CHECK(log.all().empty());
    client.send_text("keep");
    CHECK(log.wait_for("overflow"));
    CHECK(log.wait_for("closed 1006 aborted"));
}

TEST_CASE("a reader that catches up gets everything, although it was slow") {
    event_log log;
    test_server server;
    net::websocket_options options;
    options.outbound_bytes = 64 << 20;
    server.routes().add("/ws", scripted_route(log, options, [&](auto& connection, auto) {
                            auto const tail = net::make_payload(std::string(100'000, 't'));
                            for (int i = 0; i < 200; ++i) {
                                connection.send(net::make_payload(std::to_string(i) + " "),
                                                i % 2 == 0 ? tail : net::payload_ref(),
                                                net::frame_kind::text);
                            }
                        }));
    server.start();
    socket_client client(server.port(), socket_client::security::plain, 4096);
    client.upgrade("/ws");
    client.send_text("go");
    for (int i = 0; i < 200; ++i) {
        auto const payload = client.receive_frame().payload;
        auto const expected = std::to_string(i) + " ";
        CHECK(payload.substr(0, expected.size()) == expected);
        CHECK(payload.size() == expected.size() + (i % 2 == 0 ? 100'000 : 0));
    }
}

TEST_CASE("permessage-deflate is used when both want it") {
    test_server server;
    net::websocket_options options;
    options.permessage_deflate = true;
    options.deflate_threshold = 100;
    options.max_message_bytes = 1 << 20;
    server.routes().add("/deflate", echo_route(options));
    server.routes().add("/plain", echo_route());
    server.start();
    constexpr auto offer =
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    std::string sentence;
    for (int i = 0; i < 40; ++i) sentence += "and again, and again ";

    socket_client client(server.port());
    CHECK(client.upgrade("/deflate", offer).header("Sec-WebSocket-Extensions") ==
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    net::websocket_deflater deflater;
    net::websocket_inflater inflater;
    for (int i = 0; i < 3; ++i) {
        client.send_frame(0xC1, deflater.deflate(sentence, {}));
        auto const frame = client.receive_frame();
        CHECK(frame.first == 0xC1);
        CHECK(frame.payload.size() < sentence.size());
        auto const inflated = inflater.inflate(frame.payload, 1 << 20);
        CHECK(std::string(inflated.bytes.data(), inflated.bytes.size()) == sentence);
    }
    client.send_text("short");
    auto const small = client.receive_frame();
    CHECK(small.first == 0x81);
    CHECK(small.payload == "short");
    client.send_frame(0xC2, deflater.deflate(std::string(16 << 20, '\0'), {}));
    CHECK(client.receive_frame().close_code() == 1009);

    socket_client unwilling(server.port());
    CHECK(unwilling.upgrade("/deflate").header("Sec-WebSocket-Extensions").empty());
    unwilling.send_text(sentence);
    CHECK(unwilling.receive_frame().first == 0x81);
    socket_client unserved(server.port());
    CHECK(unserved.upgrade("/plain", offer).header("Sec-WebSocket-Extensions").empty());
    unserved.send_frame(0xC1, "x");
    CHECK(unserved.receive_frame().close_code() == 1002);
}

TEST_CASE("a handler that throws closes its connection with 1011") {
    event_log log;
    test_server server;
    server.routes().add(
        "/ws", scripted_route(log, {}, [](auto&, auto) { throw std::runtime_error("handler"); }));
    server.start();
    socket_client client(server.port());
    client.upgrade("/ws");
    client.send_text("x");
    CHECK(client.receive_frame().close_code() == 1011);
    CHECK(log.wait_for("closed 1011 internal error"));
}

TEST_CASE("stop tells every handler") {
    event_log log;
    auto server = std::make_unique<test_server>(net::transport_options{.loops = 2});
    server->routes().add("/ws", scripted_route(log, {}, [](auto&, auto) {}));
    server->start();
    std::vector<socket_client> clients;
    for (int i = 0; i < 20; ++i) {
        clients.emplace_back(server->port());
        CHECK(clients.back().upgrade("/ws").status == 101);
    }
    server.reset();
    CHECK(log.all().size() == 40);
    CHECK(log.wait_for("closed 1006 node stops"));
    CHECK(clients[0].receive_to_end().empty());
}
