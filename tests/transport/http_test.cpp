#include "tests/transport/socket_client.hpp"
#include "tests/transport/test_server.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>

using namespace transport_test;

namespace {

net::http_handler say(std::string text) {
    return [text](net::http_exchange_ptr const& exchange) {
        exchange->respond(net::text_response(200, text));
    };
}

// Answers with what it has understood.
void report(net::http_exchange_ptr const& exchange) {
    auto const& request = exchange->request();
    exchange->respond(net::text_response(
        200, request.method + " " + request.path + " " + request.query + " " + request.body));
}

std::string get(std::string_view path, std::string_view more = {}) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

}  // namespace

TEST_CASE("requests on one connection are answered one after the other") {
    test_server server;
    server.routes().add("/hello", say("hello"));
    server.start();
    socket_client client(server.port());

    for (int i = 0; i < 3; ++i) {
        client.send(get("/hello"));
        auto const answer = client.receive_answer();
        CHECK(answer.status == 200);
        CHECK(answer.body == "hello");
        CHECK(answer.header("Content-Length") == "5");
        CHECK(answer.header("Content-Type") == "text/plain; charset=UTF-8");
        CHECK(answer.header("Date").ends_with("GMT"));
        CHECK(answer.header("Connection").empty());
    }
    CHECK(server.server().counts().accepted == 1);
}

TEST_CASE("pipelined requests are answered in order, however they are cut") {
    test_server server;
    server.routes().add("/*", report);
    server.start();
    std::string all;
    for (int i = 0; i < 20; ++i) {
        all += "POST /n" + std::to_string(i) +
               "?q HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
        if (i % 3 == 0) all += "\r\n";  // some clients send an empty line too many
    }
    for (std::size_t const step : {7u, 100u, 100000u}) {
        socket_client client(server.port());
        for (std::size_t at = 0; at < all.size(); at += step) client.send(all.substr(at, step));
        for (int i = 0; i < 20; ++i) {
            CHECK(client.receive_answer().body == "POST /n" + std::to_string(i) + " q body");
        }
    }
}

TEST_CASE("a request may come byte by byte") {
    test_server server;
    server.routes().add("/*", report);
    server.start();
    socket_client client(server.port());
    for (char const byte :
         std::string("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")) {
        client.send({&byte, 1});
    }
    CHECK(client.receive_answer().body == "PUT /a  abc");
}

TEST_CASE("a big body is read whole, a bigger one is refused with 413") {
    test_server server({.http = {.body_bytes = 3'000'000}});
    server.routes().add("/*", [](net::http_exchange_ptr const& exchange) {
        exchange->respond(net::text_response(200, std::to_string(exchange->request().body.size())));
    });
    server.start();
    socket_client client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" +
                std::string(3'000'000, 'x'));
    CHECK(client.receive_answer().body == "3000000");
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000001\r\n\r\n" +
                std::string(200'000, 'x'));
    auto const refused = client.receive_answer();
    CHECK(refused.status == 413);
    CHECK(refused.header("Connection") == "close");
    CHECK(refused.header("Content-Type") == "application/problem+json");
    CHECK(refused.body ==
          R"({"status":413,"title":"Content Too Large",)"
          R"("detail":"The body is longer than limits.http.max_body allows: 3000000 bytes.",)"
          R"("code":"body_too_large","type":"urn:stampede:problem:body_too_large"})");
    CHECK(client.ended_orderly());
}

TEST_CASE("headers over the limit are refused with 431, nonsense with 400") {
    test_server server;
    server.start();
    socket_client big(server.port());
    big.send(get("/", "X: " + std::string(17'000, 'x') + "\r\n"));
    CHECK(big.receive_answer().status == 431);
    CHECK(big.ended_orderly());
    socket_client nonsense(server.port());
    nonsense.send("\x16\x03\x01 this is no HTTP\r\n\r\n");
    CHECK(nonsense.receive_answer().status == 400);
    CHECK(nonsense.ended_orderly());
    socket_client relative(server.port());
    relative.send("GET hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(relative.receive_answer().status == 400);
}

TEST_CASE("HTTP/1.0 closes unless it asks to be kept") {
    test_server server;
    server.routes().add("/", say("old"));
    server.start();
    socket_client once(server.port());
    once.send("GET / HTTP/1.0\r\n\r\n");
    auto const answer = once.receive_answer();
    CHECK(answer.head.starts_with("HTTP/1.0 200"));
    CHECK(answer.header("Connection") == "close");
    CHECK(answer.body == "old");
    CHECK(once.receive_to_end().empty());

    socket_client kept(server.port());
    for (int i = 0; i < 2; ++i) {
        kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK(kept.receive_answer().header("Connection") == "keep-alive");
    }
}

TEST_CASE("HEAD has the length and no body; 204 has neither; Connection: close is obeyed") {
    test_server server;
    server.routes().add("/", say("12345"));
    server.routes().add("/nothing", [](net::http_exchange_ptr const& exchange) {
        exchange->respond({.status = 204, .headers = {}, .body = "ignored", .static_body = {}});
    });
    server.routes().add("/bye", [](net::http_exchange_ptr const& exchange) {
        auto response = net::text_response(200, "bye");
        response.headers.push_back({"Connection", "close"});
        exchange->respond(std::move(response));
    });
    server.start();
    socket_client client(server.port());
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.receive_answer(true).header("Content-Length") == "5");
    client.send(get("/nothing"));
    auto const nothing = client.receive_answer();
    CHECK(nothing.status == 204);
    CHECK(nothing.header("Content-Length").empty());
    client.send(get("/missing"));
    CHECK(client.receive_answer().status == 404);
    client.send(get("/bye"));
    CHECK(client.receive_answer().header("Connection") == "close");
    CHECK(client.receive_to_end().empty());
    socket_client asks(server.port());
    asks.send(get("/", "Connection: close\r\n"));
    CHECK(asks.receive_answer().body == "12345");
    CHECK(asks.receive_to_end().empty());
}

TEST_CASE("Expect: 100-continue is answered before the body comes") {
    test_server server;
    server.routes().add("/*", report);
    server.start();
    socket_client client(server.port());
    client.send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    CHECK(client.receive_answer().status == 100);
    client.send("body");
    CHECK(client.receive_answer().body == "POST /e  body");
    client.send(
        "POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n");
    CHECK(client.receive_answer().status == 413);
}

TEST_CASE("a stream is one chunk per piece; HTTP/1.0 gets the bytes and the end") {
    test_server server;
    server.routes().add("/stream", [](net::http_exchange_ptr const& exchange) {
        exchange->start_stream({.status = 200, .headers = {}, .body = {}, .static_body = {}});
        exchange->write("one,");
        exchange->write("");
        exchange->write("two,");
        exchange->write("three");
        exchange->finish();
        exchange->write("late");
    });
    server.routes().add("/next", say("next"));
    server.start();
    socket_client client(server.port());
    client.send(get("/stream") + get("/next"));
    auto const answer = client.receive_answer();
    CHECK(answer.header("Transfer-Encoding") == "chunked");
    CHECK(answer.header("Content-Length").empty());
    CHECK(answer.body == "one,two,three");
    CHECK(answer.chunks == 3);
    CHECK(client.receive_answer().body == "next");

    socket_client old(server.port());
    old.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto const raw = old.receive_answer();
    CHECK(raw.header("Transfer-Encoding").empty());
    CHECK(raw.header("Connection") == "close");
    CHECK(raw.body == "one,two,three");

    socket_client head(server.port());
    head.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n" + get("/next"));
    CHECK(head.receive_answer(true).status == 200);
    CHECK(head.receive_answer().body == "next");
}

TEST_CASE("an answer may come later, from another thread; what is pipelined waits for it") {
    event_log log;
    test_server server;
    std::thread worker;
    server.routes().add("/later", [&](net::http_exchange_ptr const& exchange) {
        log.add("asked");
        worker = std::thread([&log, exchange] {
            log.wait_for("go");
            exchange->home().post(
                [exchange] { exchange->respond(net::text_response(200, "late")); });
        });
    });
    server.routes().add("/next", say("next"));
    server.start();
    socket_client client(server.port());
    client.send(get("/later") + get("/next"));
    CHECK(log.wait_for("asked"));
    log.add("go");
    CHECK(client.receive_answer().body == "late");
    CHECK(client.receive_answer().body == "next");
    worker.join();
}

TEST_CASE("on_abort tells when the peer goes while its answer is pending; once, and not after") {
    event_log log;
    test_server server;
    net::http_exchange_ptr kept;
    server.routes().add("/pending", [&](net::http_exchange_ptr const& exchange) {
        kept = exchange;
        exchange->on_abort([&log] { log.add("aborted"); });
        log.add("asked");
    });
    server.routes().add("/streaming", [&](net::http_exchange_ptr const& exchange) {
        exchange->start_stream({});
        exchange->on_abort([&log, exchange] {
            exchange->write("into nothing");
            exchange->finish();
            log.add("stream aborted");
        });
        exchange->write("x");
    });
    server.routes().add("/answered", [&](net::http_exchange_ptr const& exchange) {
        exchange->on_abort([&log] { log.add("must not be called"); });
        exchange->respond(net::text_response(200, "done"));
    });
    server.start();
    for (bool const reset : {false, true}) {
        socket_client client(server.port());
        client.send(get("/pending"));
        CHECK(log.wait_for("asked"));
        client.close(reset);
        CHECK(log.wait_for("aborted"));
    }
    socket_client reader(server.port());
    reader.send(get("/streaming"));
    reader.receive_until("1\r\nx\r\n");
    reader.close();
    CHECK(log.wait_for("stream aborted"));
    socket_client answered(server.port());
    answered.send(get("/answered"));
    CHECK(answered.receive_answer().body == "done");
    answered.close();
    kept->respond(net::text_response(200, "ignored"));
    kept.reset();
    server.server().stop();
    CHECK(log.all().empty());
}

TEST_CASE("a client that has closed its side still gets an answer that is made at once") {
    test_server server;
    server.routes().add("/", say("still"));
    server.start();
    socket_client client(server.port());
    client.send(get("/"));
    client.half_close();
    CHECK(client.receive_answer().body == "still");
    CHECK(client.receive_to_end().empty());
}

TEST_CASE("slow requests and idle connections end at their deadlines") {
    using std::chrono::seconds;
    test_server server({.http = {.header_deadline = seconds(1),
                                 .body_deadline = seconds(1),
                                 .idle_deadline = seconds(1)}});
    server.routes().add("/", say("x"));
    server.start();
    // All that a client gets that says no more than this.
    auto const answer_to = [&](std::string_view words) {
        socket_client client(server.port());
        client.send(words);
        return client.receive_to_end();
    };
    CHECK(socket_client(server.port()).receive_to_end().empty());
    CHECK(answer_to("GET / HTTP/1.1\r\nHo").starts_with("HTTP/1.1 408 "));
    CHECK(answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
              .starts_with("HTTP/1.1 408 "));
    auto const idle = answer_to(get("/"));
    CHECK(idle.starts_with("HTTP/1.1 200 "));
    CHECK(idle.ends_with("\r\n\r\nx"));
}

TEST_CASE("a client that does not read its answer is dropped") {
    event_log log;
    test_server server({.http = {.stall_deadline = std::chrono::seconds(1)}});
    server.routes().add("/big", [&](net::http_exchange_ptr const& exchange) {
        exchange->start_stream({});
        exchange->on_abort([&log] { log.add("aborted"); });
        exchange->write(std::string(30'000'000, 'x'));
    });
    server.start();
    socket_client client(server.port(), socket_client::security::plain, 4096);
    client.send(get("/big"));
    CHECK(log.wait_for("aborted"));
}

TEST_CASE("a big answer reaches a slow reader whole; a static body is sent from where it is") {
    static std::string const big = [] {
        std::string made;
        for (int i = 0; made.size() < 5'000'000; ++i) made += std::to_string(i) + ",";
        return made;
    }();
    test_server server;
    server.routes().add("/static", [](net::http_exchange_ptr const& exchange) {
        net::http_response response;
        response.static_body = big;
        exchange->respond(std::move(response));
    });
    server.routes().add("/own", say(big));
    server.start();
    socket_client client(server.port(), socket_client::security::plain, 4096);
    client.send(get("/static") + get("/own"));
    CHECK(client.receive_answer().body == big);
    CHECK(client.receive_answer().body == big);
}

TEST_CASE("a handler that throws is a 500, or a cut stream; the node lives on") {
    test_server server;
    server.routes().add("/throw",
                        [](net::http_exchange_ptr const&) { throw std::runtime_error("handler"); });
    server.routes().add("/cut", [](net::http_exchange_ptr const& exchange) {
        exchange->start_stream({});
        throw std::runtime_error("handler");
    });
    server.routes().add("/drop", [](net::http_exchange_ptr const& exchange) { exchange->drop(); });
    server.start();
    socket_client client(server.port());
    client.send(get("/throw"));
    CHECK(client.receive_answer().status == 500);
    client.send(get("/cut"));
    CHECK(client.receive_to_end().find("0\r\n\r\n") == std::string::npos);
    socket_client dropped(server.port());
    dropped.send(get("/drop"));
    CHECK(dropped.receive_to_end().empty());
}

TEST_CASE("an exchange moves to another shard, with what is pipelined behind it") {
    test_server server({.loops = 3});
    server.routes().add("/move", [](net::http_exchange_ptr const& exchange) {
        CHECK(exchange->shard_count() == 3);
        auto const target = (exchange->shard_index() + 1) % 3;
        exchange->move_to_shard(target, [target](net::http_exchange_ptr const& there) {
            CHECK(there->shard_index() == target);
            CHECK(&there->home() == net::loop::current());
            there->respond(net::text_response(200, "moved " + there->request().body));
        });
        exchange->respond(net::text_response(200, "ignored"));
    });
    server.routes().add("/where", [](net::http_exchange_ptr const& exchange) {
        exchange->respond(net::text_response(200, std::to_string(exchange->shard_index())));
    });
    server.start();
    for (int i = 0; i < 10; ++i) {
        socket_client client(server.port());
        client.send(get("/where"));
        auto const before = std::stoul(client.receive_answer().body);
        client.send("POST /move HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n7" + get("/where"));
        CHECK(client.receive_answer().body == "moved 7");
        CHECK(std::stoul(client.receive_answer().body) == (before + 1) % 3);
    }
    CHECK(server.server().counts().accepted == 10);
}
