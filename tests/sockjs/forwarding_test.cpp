#include "broker/transport/forwarding/answer_decoder.hpp"
#include "broker/transport/forwarding/forwarded_request.hpp"
#include "broker/transport/http_parser.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace broker::transport;

namespace {

constexpr std::string_view secret = "0123456789abcdef";

http_request original() {
    http_request request;
    request.method = "POST";
    request.target = "/echo/000/abc/xhr_send?x=1";
    request.headers = {{"Host", "chat.example.org"},
                       {"Cookie", "JSESSIONID=7"},
                       {"Authorization", "Bearer t"},
                       {"Connection", "keep-alive, X-Private"},
                       {"X-Private", "1"},
                       {"Expect", "100-continue"},
                       {"Stampede-Forwarded", "made up"},
                       {"Stampede-Client", "made up"},
                       {"Transfer-Encoding", "chunked"}};
    request.body = R"(["hello"])";
    request.peer_address = "192.0.2.1:55012";
    return request;
}

std::optional<http_request> arrived(std::string_view text) {
    http_parser parser(16 * 1024, 1024 * 1024);
    std::span<char const> bytes(text.data(), text.size());
    if (parser.feed(bytes) != http_parser::status::complete) return std::nullopt;
    return parser.take();
}

struct decoded {
    answer_decoder::status status = answer_decoder::status::need_more;
    bool stream = false;
    http_response head;
    std::string body;
};

// In pieces of `size` bytes.
decoded decode(std::string_view text, std::size_t size, std::size_t limit = 1024) {
    answer_decoder decoder(limit);
    decoded out;
    bool headed = false;
    while (!text.empty() && out.status == answer_decoder::status::need_more) {
        auto const piece = text.substr(0, size);
        text.remove_prefix(piece.size());
        out.status = decoder.feed({piece.data(), piece.size()});
        if (decoder.has_head() && !headed) {
            headed = true;
            out.stream = decoder.is_stream();
            out.head = decoder.take_head();
        }
        out.body += decoder.take_body();
    }
    if (out.status == answer_decoder::status::need_more) {
        out.status = decoder.end();
        out.body += decoder.take_body();
    }
    return out;
}

}  // namespace

TEST_CASE("a forwarded request is the same request with a proof") {
    auto const text = forwarded_text(original(), secret);
    CHECK(text.find(secret) == std::string::npos);
    auto const there = arrived(text);
    REQUIRE(there);
    CHECK(is_forwarded(*there, secret));
    CHECK(there->method == "POST");
    CHECK(there->target == original().target);
    CHECK(there->body == original().body);
    CHECK(there->header("host") == "chat.example.org");
    CHECK(there->cookie("JSESSIONID") == "7");
    CHECK(there->header("authorization") == "Bearer t");
    CHECK(there->header(client_header) == "192.0.2.1:55012");
    for (auto const* gone : {"x-private", "expect", "transfer-encoding"}) {
        CHECK_FALSE(there->header(gone));
    }
}

TEST_CASE("what a proof is made over stays, whatever Connection names") {
    auto request = original();
    request.headers.push_back({"Connection", "host, cookie, Authorization"});
    request.headers.push_back({"Connection", "x-other"});
    request.headers.push_back({"X-Other", "1"});
    auto const there = arrived(forwarded_text(request, secret));
    REQUIRE(there);
    CHECK(is_forwarded(*there, secret));
    CHECK(there->header("host") == "chat.example.org");
    CHECK_FALSE(there->header("x-other"));
}

TEST_CASE("a proof is good for its own request and secret only") {
    auto const good = *arrived(forwarded_text(original(), secret));
    CHECK_FALSE(is_forwarded(good, "another secret, as long"));
    CHECK_FALSE(is_forwarded(good, ""));
    CHECK_FALSE(is_forwarded(original(), secret));
    auto const spoilt = [&](auto change) {
        auto request = good;
        change(request);
        return is_forwarded(request, secret);
    };
    auto const with_header = [&](std::string_view name, std::string value) {
        return spoilt([&](http_request& request) {
            for (auto& header : request.headers) {
                if (header.name == name) header.value = value;
            }
        });
    };
    CHECK(spoilt([](http_request&) {}));
    CHECK_FALSE(spoilt([](http_request& request) { request.method = "GET"; }));
    CHECK_FALSE(spoilt([](http_request& request) { request.target += "y"; }));
    CHECK_FALSE(spoilt([](http_request& request) { request.body[2] = 'j'; }));
    CHECK_FALSE(with_header("Cookie", "JSESSIONID=8"));
    CHECK_FALSE(with_header("Authorization", "Bearer u"));
    CHECK_FALSE(with_header("Stampede-Client", "192.0.2.2:1"));
    CHECK_FALSE(with_header("Stampede-Forwarded", ""));
}

TEST_CASE("answers are decoded however they are cut") {
    std::string const whole =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
        "Content-Length: 5\r\n\r\nhello";
    std::string const chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Y: z\r\n\r\n"
        "5\r\nhello\r\n10\r\n, this is longer\r\n0\r\n\r\n";
    std::string const to_the_end = "HTTP/1.1 200 OK\r\n\r\nhello";
    std::string const empty = "HTTP/1.1 204 No Content\r\nX-Y: z\r\n\r\n";
    for (std::size_t const size : {1U, 2U, 3U, 7U, 50U, 1000U}) {
        INFO(size);
        auto const first = decode(whole, size);
        CHECK(first.status == answer_decoder::status::complete);
        CHECK_FALSE(first.stream);
        CHECK(first.body == "hello");
        CHECK(first.head.status == 200);
        REQUIRE(first.head.headers.size() == 1);
        CHECK(first.head.headers[0].value == "text/plain");

        auto const second = decode(chunked, size);
        CHECK(second.status == answer_decoder::status::complete);
        CHECK(second.stream);
        CHECK(second.body == "hello, this is longer");

        auto const third = decode(to_the_end, size);
        CHECK(third.status == answer_decoder::status::complete);
        CHECK(third.stream);
        CHECK(third.body == "hello");

        auto const fourth = decode(empty, size);
        CHECK(fourth.status == answer_decoder::status::complete);
        CHECK(fourth.head.status == 204);
        CHECK(fourth.body.empty());
    }
}

TEST_CASE("what is no whole answer fails") {
    for (std::string_view const text :
         {"", "HTTP/1.1 200 O", "nonsense\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n"}) {
        INFO(text);
        CHECK(decode(text, 1000).status == answer_decoder::status::failed);
        CHECK(decode(text, 1).status == answer_decoder::status::failed);
    }
    auto const long_one =
        "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x');
    CHECK(decode(long_one, 100).status == answer_decoder::status::failed);
    CHECK(decode(long_one, 100, 2000).status == answer_decoder::status::complete);
}

TEST_CASE("the answer to a HEAD is its head, whatever length that says") {
    std::string_view const text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    answer_decoder decoder(1024, true);
    CHECK(decoder.feed({text.data(), text.size()}) == answer_decoder::status::complete);
    CHECK(decoder.keeps_connection());
    CHECK(decoder.take_body().empty());
}

TEST_CASE("a length that nobody has memory for is refused before any is taken") {
    CHECK(decode("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nx", 1000).status ==
          answer_decoder::status::failed);
}

TEST_CASE("a trailer of an answer is no header of it") {
    std::string_view const text =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Y: z\r\n\r\n";
    for (std::size_t const size : {1U, 1000U}) {
        auto const got = decode(text, size);
        CHECK(got.status == answer_decoder::status::complete);
        CHECK(got.body == "a");
        CHECK(got.head.headers.empty());
    }
}
