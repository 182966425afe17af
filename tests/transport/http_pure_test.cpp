#include "broker/transport/http.hpp"
#include "broker/transport/http_answer.hpp"
#include "broker/transport/http_parser.hpp"
#include "broker/transport/http_tokens.hpp"
#include "broker/transport/websocket_handshake.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace broker::transport;

namespace {

http_request with_headers(std::vector<http_header> headers) {
    http_request request;
    request.headers = std::move(headers);
    return request;
}

std::vector<http_header> handshake_headers() {
    return {{"Host", "x"},
            {"Upgrade", "websocket"},
            {"Connection", "Upgrade"},
            {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
            {"Sec-WebSocket-Version", "13"}};
}

http_request handshake(std::vector<http_header> headers = handshake_headers()) {
    auto request = with_headers(std::move(headers));
    request.method = "GET";
    request.version = 11;
    return request;
}

// Feeds `text` in pieces of `step`; what is not used is fed again, as a connection does it.
struct parsed {
    http_parser::status status;
    std::string left;
    unsigned error = 0;
    std::string code;
    std::optional<http_request> request;
};

parsed parse(std::string const& text, std::size_t step, std::size_t header_limit = 1000,
             std::size_t body_limit = 1000) {
    http_parser parser(header_limit, body_limit);
    parsed result{http_parser::status::need_header, {}, 0, {}, {}};
    for (std::size_t at = 0; at < text.size(); at += step) {
        result.left += text.substr(at, step);
        if (result.status == http_parser::status::complete) continue;
        std::span<char const> input(result.left);
        result.status = parser.feed(input);
        result.left = std::string(input.begin(), input.end());
        if (result.status == http_parser::status::failed) {
            result.error = parser.fault().status;
            result.code = parser.fault().code;
            return result;
        }
    }
    if (result.status == http_parser::status::complete) result.request = parser.take();
    return result;
}

}  // namespace

TEST_CASE("headers, query parameters and cookies are found") {
    auto request = with_headers(
        {{"Content-Type", "text/plain"}, {"Cookie", "a=1; JSESSIONID=\"abc\""}, {"cookie", "b=2"}});
    request.query = "x=1&name=J%C3%B6rg+K&empty=&flag&x=2&bad=%zz%4";
    CHECK(request.header("content-type") == "text/plain");
    CHECK(!request.header("accept"));
    CHECK(request.query_parameter("x") == "1");
    CHECK(request.query_parameter("name") == "J\xC3\xB6rg K");
    CHECK(request.query_parameter("empty") == "");
    CHECK(request.query_parameter("flag") == "");
    CHECK(request.query_parameter("bad") == "%zz%4");
    CHECK(!request.query_parameter("y"));
    CHECK(request.cookie("a") == "1");
    CHECK(request.cookie("JSESSIONID") == "abc");
    CHECK(request.cookie("b") == "2");
    CHECK(!request.cookie("c"));
}

TEST_CASE("the longest route wins, and a prefix ends at a slash") {
    http_routes routes;
    std::string found;
    auto const mark = [&](std::string name) { return [&, name](auto const&) { found = name; }; };
    routes.add("/api/*", mark("api"));
    routes.add("/api/rooms/*", mark("rooms"));
    routes.add("/api/rooms/7", mark("seven"));
    routes.add("/*", mark("all"));
    auto const at = [&](std::string_view path) {
        routes.find(path).handler(nullptr);
        return found;
    };
    CHECK(at("/api") == "api");
    CHECK(at("/api/") == "api");
    CHECK(at("/api/x") == "api");
    CHECK(at("/apis") == "all");
    CHECK(at("/api/rooms") == "rooms");
    CHECK(at("/api/rooms/8") == "rooms");
    CHECK(at("/api/rooms/7") == "seven");
    CHECK(at("/") == "all");
}

TEST_CASE("a request is parsed however it is cut") {
    std::string const text =
        "POST /a%20b?q=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhelloGET /next";
    for (std::size_t step = 1; step <= text.size(); ++step) {
        auto const result = parse(text, step);
        REQUIRE(result.request);
        CHECK(result.request->method == "POST");
        CHECK(result.request->target == "/a%20b?q=1");
        CHECK(result.request->path == "/a%20b");
        CHECK(result.request->query == "q=1");
        CHECK(result.request->body == "hello");
        CHECK(result.request->header("x-a") == "1");
        CHECK(result.left == "GET /next");
    }
}

TEST_CASE("a chunked body is joined") {
    std::string const text =
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\n\r\nrest";
    for (std::size_t step = 1; step <= text.size(); ++step) {
        auto const result = parse(text, step);
        REQUIRE(result.request);
        CHECK(result.request->body == "abc0123456789");
        CHECK(result.left == "rest");
    }
}

TEST_CASE("a trailer is no header") {
    std::string const text =
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\na\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\nHost: y\r\nConnection: close\r\n\r\nrest";
    for (std::size_t const step : {1U, 7U, 1000U}) {
        auto const result = parse(text, step);
        REQUIRE(result.request);
        CHECK(result.request->headers.size() == 2);
        CHECK(result.request->header("host") == "x");
        CHECK(result.request->body == "a");
        CHECK(result.left == "rest");
    }
}

TEST_CASE("what stands around chunks takes no memory and has its limit") {
    std::string const front = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(parse(front + "1;" + std::string(9'000, 'x'), 100).left.empty());
    CHECK(parse(front + "1;" + std::string(17'000, 'x'), 100).error == 400);
    CHECK(parse(front + "0\r\nX: " + std::string(17'000, 'x'), 100).error == 400);
    std::string trailers;
    for (int i = 0; i < 2'000; ++i) trailers += "A: bcdefgh\r\n";
    CHECK(parse(front + "0\r\n" + trailers, 100).error == 400);
}

TEST_CASE("a chunk is what its size says, and nothing else") {
    std::string const front = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (auto const* bad :
         {"\r\n", ";\r\n", "0x1\r\na", "+1\r\na", "1\na\r\n", "1\r\nab", "1\r\na\n0",
          "1 a\r\na\r\n", "1;\n\r\n", "-1\r\n", "0\r\n\n", "0\r\n\r\r", "0\r\nA: b\n\r\n"}) {
        CAPTURE(bad);
        for (std::size_t const step : {1U, 1000U}) CHECK(parse(front + bad, step).error == 400);
    }
    CHECK(parse(front + "fffffffffffffffff\r\n", 1).error == 413);
    CHECK(parse(front + "ffffffffffffffff\r\n", 1).error == 413);
    CHECK(parse(front + "0001 ;a=\"b\"\r\na\r\n000\r\n\r\n", 1).request->body == "a");
}

TEST_CASE("request line and headers together keep the header limit") {
    std::string const line = "GET /" + std::string(600, 'x') + " HTTP/1.1\r\nHost: x\r\n";
    std::string const text = line + "X: " + std::string(600, 'x') + "\r\n\r\n";
    for (std::size_t const step : {1U, 100U, 5000U}) CHECK(parse(text, step).error == 431);
    CHECK(parse(line + "\r\n", 5000).request);
}

TEST_CASE("the absolute form and OPTIONS * are understood") {
    CHECK(parse("GET http://x:8080/a/b?c HTTP/1.1\r\nHost: x\r\n\r\n", 999).request->path ==
          "/a/b");
    CHECK(parse("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", 999).request->path == "/");
    CHECK(parse("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 999).request->path == "*");
}

TEST_CASE("requests that cannot be are refused with their status") {
    struct row {
        std::string text;
        unsigned status;
    };
    std::map<unsigned, std::string> const codes{
        {400, "malformed_request"}, {413, "body_too_large"},    {417, "expectation"},
        {431, "header_too_large"},  {501, "transfer_encoding"}, {505, "http_version"}};
    for (auto const& [text, status] : {
             row{"nonsense\r\n\r\n", 400},
             row{"GET / HTTP/1.1\r\n\r\n", 400},                        // no Host
             row{"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},  // two
             row{"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n", 400},
             row{"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400},
             row{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
                 400},
             row{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n",
                 400},
             row{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
             row{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
             row{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
             row{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
             row{"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
             row{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413},
             row{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3FF\r\n" +
                     std::string(1023, 'x'),
                 413},
             row{"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2000, 'x') + "\r\n\r\n", 431},
             row{"GET /" + std::string(2000, 'x'), 431},
             row{"POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 1\r\n\r\n", 417},
         }) {
        CAPTURE(text);
        for (std::size_t const step : {1u, 10u, 5000u}) {
            auto const result = parse(text, step);
            CHECK(result.error == status);
            CHECK(result.code == codes.at(status));
        }
    }
}

TEST_CASE("an answer's head says what it must, and headers cannot bring others along") {
    http_head_options options;
    options.date = "now";
    options.content_length = 12;
    options.connection = http_connection_header::close;
    CHECK(http_head(200, {{"X", "a\r\nEvil: 1"}, {"Bad name", "x"}, {"Content-Length", "99"}},
                    options) ==
          "HTTP/1.1 200 OK\r\nX: a  Evil: 1\r\nDate: now\r\nContent-Length: 12\r\n"
          "Connection: close\r\n\r\n");
    options.version = 10;
    options.content_length.reset();
    options.connection = http_connection_header::keep_alive;
    CHECK(http_head(299, {{"Date", "then"}}, options) ==
          "HTTP/1.0 299 Status\r\nDate: then\r\nConnection: keep-alive\r\n\r\n");
    CHECK(http_chunk_front(255) == "ff\r\n");
}

TEST_CASE("a handshake is judged by RFC 6455, 4.2.1") {
    CHECK(judge_handshake(handshake()) == handshake_verdict::valid);
    CHECK(websocket_accept_value("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");

    auto changed = [](std::string_view name, std::string value) {
        auto headers = handshake_headers();
        for (auto& header : headers) {
            if (header.name == name) header.value = value;
        }
        return handshake(std::move(headers));
    };
    CHECK(judge_handshake(changed("Connection", "keep-alive, Upgrade")) ==
          handshake_verdict::valid);
    CHECK(judge_handshake(changed("Connection", "keep-alive ,upgrade")) ==
          handshake_verdict::valid);
    CHECK(judge_handshake(changed("Upgrade", "WebSocket")) == handshake_verdict::valid);
    CHECK(judge_handshake(changed("Connection", "keep-alive")) ==
          handshake_verdict::not_a_handshake);
    CHECK(judge_handshake(changed("Upgrade", "h2c")) == handshake_verdict::not_a_handshake);
    CHECK(judge_handshake(changed("Sec-WebSocket-Key", "short")) ==
          handshake_verdict::not_a_handshake);
    CHECK(judge_handshake(changed("Sec-WebSocket-Version", "8")) ==
          handshake_verdict::wrong_version);

    auto post = handshake();
    post.method = "POST";
    CHECK(judge_handshake(post) == handshake_verdict::not_a_handshake);
    auto old = handshake();
    old.version = 10;
    CHECK(judge_handshake(old) == handshake_verdict::not_a_handshake);
    auto no_version = handshake_headers();
    no_version.pop_back();
    CHECK(judge_handshake(handshake(no_version)) == handshake_verdict::not_a_handshake);
}
