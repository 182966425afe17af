#include "tests/sockjs/test_nodes.hpp"
#include "tests/transport/socket_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

using namespace sockjs_test;
using transport_test::http_answer;
using transport_test::socket_client;

namespace {

std::string at(std::string_view what, std::string_view session = "abc") {
    return "/echo/000/" + std::string(session) + "/" + std::string(what);
}

http_answer ask(std::uint16_t port, std::string const& request) {
    socket_client client(port);
    client.send(request);
    return client.receive_answer();
}

unsigned send(test_node const& to, std::string const& message, std::string_view session = "abc") {
    return ask(to.port(), post(at("xhr_send", session), "[\"" + message + "\"]")).status;
}

void open_at(test_node& node, std::string_view session = "abc") {
    REQUIRE(ask(node.port(), post(at("xhr", session))).body == "o\n");
    REQUIRE(node.events().wait_for("open"));
}

}  // namespace

TEST_CASE("every polling transport works when each request comes in at the other node") {
    struct row {
        char const* about;
        std::string open_or_poll;
        std::string send;
        std::string opened;
        std::string frame;
        unsigned accepted;
    };
    row const rows[] = {
        {"xhr", post(at("xhr")), post(at("xhr_send"), R"(["hi"])"), "o\n", "a[\"hi\"]\n", 204},
        {"jsonp", get(at("jsonp?c=f")),
         post(at("jsonp_send"), "d=%5B%22hi%22%5D",
              "Content-Type: application/x-www-form-urlencoded\r\n"),
         "f(\"o\");\r\n", "f(\"a[\\\"hi\\\"]\");\r\n", 200},
    };
    for (auto const& row : rows) {
        INFO(row.about);
        two_nodes nodes;
        test_node const* const turns[] = {&nodes.first, &nodes.second};
        std::size_t turn = 0;
        auto const next = [&](std::string const& request) {
            return ask(turns[turn++ % 2]->port(), request);
        };
        CHECK(next(row.open_or_poll).body == row.opened);
        for (int i = 0; i < 6; ++i) {
            CHECK(next(row.send).status == row.accepted);
            CHECK(next(row.open_or_poll).body == row.frame);
            // Out of step, so that both kinds of request come in at both nodes.
            if (i == 2) ++turn;
        }
        CHECK(nodes.first.service().forwarded().forwarded == 0);
        CHECK(nodes.second.service().forwarded().forwarded >= 5);
        CHECK(nodes.second.service().forwarded().failed == 0);
    }
}

TEST_CASE("every streaming transport streams through the other node") {
    struct row {
        char const* about;
        std::string request;
        std::string frame;
        std::string closing;
    };
    row const rows[] = {
        {"xhr_streaming", post(at("xhr_streaming")), "a[\"hi\"]\n", "c[3000,\"bye\"]\n"},
        {"eventsource", get(at("eventsource")), "data: a[\"hi\"]\r\n\r\n",
         "data: c[3000,\"bye\"]\r\n\r\n"},
        {"htmlfile", get(at("htmlfile?c=f")), "p(\"a[\\\"hi\\\"]\");",
         "p(\"c[3000,\\\"bye\\\"]\");"},
    };
    for (auto const& row : rows) {
        INFO(row.about);
        two_nodes nodes;
        open_at(nodes.first);
        socket_client stream(nodes.second.port());
        stream.send(row.request);
        auto const head = stream.receive_answer(true);
        CHECK(head.status == 200);
        CHECK(head.header("Transfer-Encoding") == "chunked");
        for (auto* const node : {&nodes.second, &nodes.first, &nodes.second}) {
            CHECK(send(*node, "hi") == 204);
            stream.receive_until(row.frame);
        }
        CHECK(nodes.second.service().forwarded().under_way == 1);
        CHECK(send(nodes.second, "close") == 204);
        stream.receive_until(row.closing);
        stream.receive_until("\r\n0\r\n\r\n");
        // The connection goes on.
        stream.send(post(at("xhr")));
        CHECK(stream.receive_answer().body == "c[3000,\"bye\"]\n");
    }
}

TEST_CASE("a stream that was opened here is fed by sends that come in elsewhere") {
    two_nodes nodes;
    socket_client stream(nodes.first.port());
    stream.send(post(at("xhr_streaming")));
    stream.receive_until("o\n");
    CHECK(send(nodes.second, "hi") == 204);
    stream.receive_until("a[\"hi\"]\n");
}

TEST_CASE("a client that leaves a forwarded stream ends the session on its node") {
    two_nodes nodes;
    open_at(nodes.first);
    {
        socket_client stream(nodes.second.port());
        stream.send(post(at("xhr_streaming")));
        stream.receive_until("hhh\n");
    }
    CHECK(nodes.first.events().wait_for("closed 1006 connection interrupted"));
}

TEST_CASE("a session whose node dies is lost at once, and its streams break") {
    two_nodes nodes;
    open_at(nodes.first);
    socket_client stream(nodes.second.port());
    stream.send(post(at("xhr_streaming")));
    stream.receive_until("hhh\n");
    nodes.first.stop();
    CHECK(stream.receive_to_end().find("\r\n0\r\n") == std::string::npos);
    // Its lease has not run out: others still believe in it.
    CHECK(ask(nodes.second.port(), post(at("xhr"))).status == 404);
    CHECK(send(nodes.second, "hi") == 404);
    CHECK(ask(nodes.second.port(), get(at("jsonp?c=f"))).status == 404);
    CHECK(nodes.second.service().forwarded().failed == 3);
    CHECK(nodes.second.service().forwarded().under_way == 0);
    // A client that has been told so opens another one.
    CHECK(ask(nodes.second.port(), post(at("xhr", "other"))).body == "o\n");
}

TEST_CASE("requests that follow each other go over one connection between the nodes") {
    two_nodes nodes;
    open_at(nodes.first);
    socket_client client(nodes.second.port());
    for (int i = 0; i < 20; ++i) {
        client.send(post(at("xhr_send"), R"(["hi"])"));
        CHECK(client.receive_answer().status == 204);
        client.send(post(at("xhr")));
        CHECK(client.receive_answer().body == "a[\"hi\"]\n");
    }
    CHECK(nodes.second.service().forwarded().forwarded == 40);
    CHECK(nodes.second.service().forwarded().connected == 1);
}

TEST_CASE("a connection between nodes is closed when nothing was asked for a while") {
    auto options = cluster_options();
    options.forwarding.idle_timeout = std::chrono::milliseconds(100);
    two_nodes nodes(options);
    open_at(nodes.first);
    CHECK(send(nodes.second, "hi") == 204);
    while (nodes.first.connections() != 0) std::this_thread::yield();
    CHECK(send(nodes.second, "hi") == 204);
    CHECK(nodes.second.service().forwarded().connected == 2);
}

TEST_CASE("no more connections between nodes are kept than allowed") {
    auto options = cluster_options();
    options.forwarding.idle_connections = 0;
    two_nodes nodes(options);
    open_at(nodes.first);
    for (int i = 0; i < 3; ++i) CHECK(send(nodes.second, "hi") == 204);
    CHECK(nodes.second.service().forwarded().connected == 3);
}

TEST_CASE("a connection that the other node has closed is not used again") {
    two_nodes nodes;
    open_at(nodes.first);
    socket_client client(nodes.second.port());
    client.send(post(at("xhr_send"), R"(["hi"])"));
    CHECK(client.receive_answer().status == 204);
    nodes.first.drain();  // ends idle connections
    client.send(post(at("xhr_send"), R"(["hi"])"));
    CHECK(client.receive_answer().status == 204);
    CHECK(nodes.second.service().forwarded().connected == 2);
    CHECK(nodes.second.service().forwarded().failed == 0);
}

TEST_CASE("what a used connection swallows is asked again, but not sent again") {
    two_nodes nodes;
    transport_test::test_server moody;
    std::atomic<int> asked = 0;
    // Takes the second request of each connection and says nothing.
    moody.routes().add("/echo/000/abc/*", [&asked](http_exchange_ptr const& exchange) {
        if (asked++ % 2 == 1) return exchange->drop();
        exchange->respond(text_response(200, "there\n"));
    });
    moody.start();
    nodes.shared.set_address("node-3", "127.0.0.1:" + std::to_string(moody.port()));
    nodes.shared.set_owner("/echo/abc", "node-3");
    socket_client client(nodes.first.port());
    client.send(post(at("xhr")));
    CHECK(client.receive_answer().body == "there\n");
    client.send(post(at("xhr")));
    CHECK(client.receive_answer().body == "there\n");
    CHECK(asked == 3);
    client.send(post(at("xhr_send"), R"(["hi"])"));
    CHECK(client.receive_answer().status == 404);
    CHECK(asked == 4);
}

TEST_CASE("a session of a node that drains is served through the others until it has ended") {
    two_nodes nodes;
    open_at(nodes.first);
    open_at(nodes.first, "streamed");
    socket_client stream(nodes.second.port());
    stream.send(post(at("xhr_streaming", "streamed")));
    stream.receive_until("hhh\n");
    nodes.first.drain();
    CHECK_THROWS(socket_client(nodes.first.port()));
    for (int i = 0; i < 3; ++i) {
        CHECK(send(nodes.second, "hi") == 204);
        CHECK(ask(nodes.second.port(), post(at("xhr"))).body == "a[\"hi\"]\n");
    }
    CHECK(send(nodes.second, "hi", "streamed") == 204);
    stream.receive_until("a[\"hi\"]\n");
    CHECK(send(nodes.second, "close") == 204);
    CHECK(send(nodes.second, "close", "streamed") == 204);
    stream.receive_until("c[3000,\"bye\"]\n");
    CHECK(ask(nodes.second.port(), post(at("xhr"))).body == "c[3000,\"bye\"]\n");
    CHECK(nodes.first.events().wait_for("closed 3000 bye"));
}

TEST_CASE("a session nobody has is opened where the request came in, or not found") {
    two_nodes nodes;
    CHECK(send(nodes.second, "hi") == 404);
    CHECK(ask(nodes.second.port(), post(at("xhr"))).body == "o\n");
    CHECK(send(nodes.first, "hi") == 204);
}

TEST_CASE("sessions work alone while nobody can be asked whose they are") {
    two_nodes nodes;
    nodes.shared.set_away(true);
    open_at(nodes.first);
    CHECK(send(nodes.first, "hi") == 204);
    CHECK(send(nodes.second, "hi") == 404);
    CHECK(ask(nodes.first.port(), post(at("xhr"))).body == "a[\"hi\"]\n");
}

TEST_CASE("who has not opened a session gets nothing of it through another node either") {
    two_nodes nodes;
    auto const mine = "Authorization: Bearer a\r\nCookie: JSESSIONID=1\r\n";
    auto const theirs = "Authorization: Bearer b\r\nCookie: JSESSIONID=1\r\n";
    CHECK(ask(nodes.first.port(), post(at("xhr"), "", mine)).body == "o\n");
    CHECK(ask(nodes.second.port(), post(at("xhr_send"), R"(["x"])", theirs)).status == 404);
    CHECK(ask(nodes.second.port(), post(at("xhr"), "", theirs)).status == 404);
    CHECK(ask(nodes.second.port(), post(at("xhr_send"), R"(["x"])", mine)).status == 204);
    CHECK(ask(nodes.second.port(), post(at("xhr"), "", mine)).body == "a[\"x\"]\n");
}

TEST_CASE("the internal listener serves other nodes only") {
    two_nodes nodes;
    open_at(nodes.first);
    for (auto const& request :
         {get("/"), get("/echo"), get("/echo/info"), get(at("websocket")), post(at("xhr")),
          post(at("xhr"), "", "Stampede-Forwarded: \r\n"),
          post(at("xhr"), "", "Stampede-Forwarded: " + std::string(64, '0') + "\r\n"),
          post(at("xhr_send"), R"(["x"])")}) {
        INFO(request);
        CHECK(ask(nodes.first.internal_port(), request).status == 404);
    }
}

TEST_CASE("a node with another secret is not believed") {
    shared_owners shared;
    test_node first(shared, "node-1");
    auto options = cluster_options();
    options.forwarding.secret = "not what the other one has";
    test_node second(shared, "node-2", options);
    open_at(first);
    CHECK(send(second, "hi") == 404);
    CHECK(ask(second.port(), post(at("xhr"))).status == 404);
}

TEST_CASE("nodes that each take the other for the owner do not send a request to and fro") {
    two_nodes nodes;
    nodes.shared.set_owner("/echo/abc", "node-2");
    // The second one does not have it, and would ask the same owners again.
    CHECK(ask(nodes.first.port(), post(at("xhr"))).status == 404);
    CHECK(send(nodes.first, "hi") == 404);
    nodes.shared.set_address("node-2", "127.0.0.1:" + std::to_string(nodes.first.internal_port()));
    CHECK(ask(nodes.first.port(), post(at("xhr"))).status == 404);
    CHECK(nodes.second.service().forwarded().forwarded == 0);
}

TEST_CASE("a session is given back when it ends") {
    auto options = cluster_options();
    options.disconnect_delay = std::chrono::milliseconds(100);
    two_nodes nodes(options);
    open_at(nodes.first);
    CHECK(nodes.shared.events().wait_for("node-1 released /echo/abc"));
    CHECK(ask(nodes.second.port(), post(at("xhr"))).body == "o\n");
}

TEST_CASE("a session is given back when its client did not wait for it") {
    two_nodes nodes;
    nodes.shared.hold_answers();
    {
        socket_client impatient(nodes.first.port());
        impatient.send(post(at("xhr")));
        REQUIRE(nodes.shared.events().wait_for("asked"));
    }
    // Until the node has noticed: its connection is gone then.
    while (nodes.first.connections() != 0) std::this_thread::yield();
    nodes.shared.let_go();
    CHECK(nodes.shared.events().wait_for("node-1 released /echo/abc"));
    CHECK(nodes.first.events().all().empty());
}

TEST_CASE("a session is not given back while another request of it is under way") {
    two_nodes nodes;
    nodes.shared.hold_answers();
    socket_client patient(nodes.first.port());
    {
        socket_client impatient(nodes.first.port());
        impatient.send(post(at("xhr")));
        REQUIRE(nodes.shared.events().wait_for("asked"));
        patient.send(post(at("xhr")));
        REQUIRE(nodes.shared.events().wait_for("asked"));
    }
    while (nodes.first.connections() != 1) std::this_thread::yield();
    nodes.shared.let_go();
    CHECK(patient.receive_answer().body == "o\n");
    CHECK(nodes.shared.events().all().empty());
    CHECK(send(nodes.second, "hi") == 204);
}

TEST_CASE("a client that does not read holds back the node that has its session") {
    auto options = cluster_options();
    options.streaming_limit = std::size_t{1} << 30U;
    options.outbound_bytes = std::size_t{1} << 28U;
    two_nodes nodes(options);
    open_at(nodes.first);
    socket_client stream(nodes.second.port(), socket_client::security::plain, 4096);
    stream.send(post(at("xhr_streaming")));
    stream.receive_until("hhh\n");
    CHECK(send(nodes.first, "burst 800") == 204);
    // What the network between the three takes is bounded; what a node would take is not: it would
    // have it all long before so many questions are answered.
    for (int i = 0; i < 500; ++i) {
        CHECK(send(nodes.first, "more than 25 MiB queued?") == 204);
        REQUIRE(nodes.first.events().wait_for("yes"));
    }
}

TEST_CASE("a client that reads late gets everything through another node") {
    auto options = cluster_options();
    options.streaming_limit = std::size_t{1} << 30U;
    options.outbound_bytes = std::size_t{1} << 28U;
    two_nodes nodes(options);
    open_at(nodes.first);
    socket_client stream(nodes.second.port(), socket_client::security::plain, 4096);
    stream.send(post(at("xhr_streaming")));
    stream.receive_until("hhh\n");
    CHECK(send(nodes.first, "burst 200") == 204);
    CHECK(send(nodes.first, "close") == 204);
    auto const all = stream.receive_until("\r\n0\r\n\r\n");
    CHECK(std::ranges::count(all, 'x') == 200 * 64 * 1024);
    CHECK(all.find("c[3000,\"bye\"]") != std::string::npos);
}

TEST_CASE("an owner that breaks off is as good as none before its answer, and breaks it after") {
    two_nodes nodes;
    transport_test::test_server broken;
    broken.routes().add("/echo/000/silent/*",
                        [](http_exchange_ptr const& exchange) { exchange->drop(); });
    broken.routes().add("/echo/000/half/*", [](http_exchange_ptr const& exchange) {
        exchange->start_stream({});
        exchange->write("half");
        // Behind what has been written.
        exchange->on_drained([exchange] { exchange->drop(); });
    });
    broken.start();
    nodes.shared.set_address("node-3", "127.0.0.1:" + std::to_string(broken.port()));
    nodes.shared.set_owner("/echo/silent", "node-3");
    nodes.shared.set_owner("/echo/half", "node-3");
    CHECK(ask(nodes.first.port(), post(at("xhr", "silent"))).status == 404);
    CHECK(send(nodes.first, "hi", "silent") == 404);
    socket_client stream(nodes.first.port());
    stream.send(post(at("xhr_streaming", "half")));
    auto const all = stream.receive_to_end();
    CHECK(all.find("half") != std::string::npos);
    CHECK(all.find("\r\n0\r\n") == std::string::npos);
}

TEST_CASE("addresses that lead nowhere lose the session") {
    two_nodes nodes;
    for (auto const* address : {"", "nonsense", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999",
                                "no-such-host.invalid:80", ":80"}) {
        INFO(address);
        nodes.shared.set_address("node-3", address);
        nodes.shared.set_owner("/echo/abc", "node-3");
        CHECK(ask(nodes.first.port(), post(at("xhr"))).status == 404);
    }
    nodes.shared.set_address("node-2", "localhost:" + std::to_string(nodes.second.internal_port()));
    open_at(nodes.second, "named");
    CHECK(send(nodes.first, "hi", "named") == 204);
}

TEST_CASE("more forwarded requests than a node may have under way are refused") {
    auto options = cluster_options();
    options.forwarding.under_way = 1;
    two_nodes nodes(options);
    open_at(nodes.first);
    socket_client stream(nodes.second.port());
    stream.send(post(at("xhr_streaming")));
    stream.receive_until("hhh\n");
    CHECK(send(nodes.second, "hi") == 503);
    CHECK(send(nodes.first, "hi") == 204);
}
