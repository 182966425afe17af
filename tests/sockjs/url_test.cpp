#include "broker/transport/sockjs/url.hpp"

#include "broker/transport/sockjs/close_code.hpp"
#include "broker/transport/sockjs/utf8.hpp"

#include <doctest/doctest.h>

using namespace broker::transport::sockjs;

TEST_CASE("the places below a prefix") {
    CHECK(parse_url("").where == place::greeting);
    CHECK(parse_url("/").where == place::greeting);
    CHECK(parse_url("/info").where == place::info);
    CHECK(parse_url("/websocket").where == place::raw_websocket);
    CHECK(parse_url("/000/abc/xhr").where == place::session);
}

TEST_CASE("iframe pages may name a version") {
    for (auto const* path : {"/iframe.html", "/iframe-a.html", "/iframe-.html",
                             "/iframe-0.1.2.html", "/iframe-0.1.2abc-dirty.2144.html"}) {
        INFO(path);
        CHECK(parse_url(path).where == place::iframe);
    }
    for (auto const* path : {"/iframe.htm", "/iframe", "/IFRAME.HTML", "/IFRAME", "/iframe.HTML",
                             "/iframe.xml", "/iframe-/.html", "/iframe-A.html"}) {
        INFO(path);
        CHECK(parse_url(path).where == place::nowhere);
    }
}

TEST_CASE("a session URL has two segments without dots and a transport") {
    auto const url = parse_url("/abcdefgh_i-j%20/abcdefg_i-j%20/xhr_send");
    CHECK(url.session_id == "abcdefg_i-j%20");
    CHECK(url.transport == "xhr_send");
    for (auto const* path : {"//", "///", "/a", "/a.html", "/a/", "/a/a", "/a./a/xhr", "/a/a./xhr",
                             "/./././xhr", "//a/xhr", "/a//xhr", "x"}) {
        INFO(path);
        CHECK(parse_url(path).where == place::nowhere);
    }
    CHECK(parse_url("/a/a/").transport.empty());
    CHECK(parse_url("/a/" + std::string(300, 'x') + "/xhr").where == place::nowhere);
}

TEST_CASE("form fields are decoded") {
    CHECK(form_value("d=%5B%22x%22%5D", "d") == "[\"x\"]");
    CHECK(form_value("a=1&d=x+y%2B&d=2", "d") == "x y+");
    CHECK(form_value("d=", "d") == "");
    CHECK(form_value("d", "d") == "");
    CHECK(form_value("d=%5&e=%zz", "d") == "%5");
    CHECK_FALSE(form_value("p=p", "d").has_value());
    CHECK_FALSE(form_value("", "d").has_value());
}

TEST_CASE("a close reason is cut between characters") {
    CHECK(utf8_prefix("abc", 3) == "abc");
    CHECK(utf8_prefix("a안b", 3) == "a");
    CHECK(utf8_prefix("a안b", 4) == "a안");
}

TEST_CASE("bytes that are not UTF-8 are replaced one by one") {
    CHECK(replace_invalid_utf8("a\xff\xe2\x80z안") == "a\ufffd\ufffd\ufffdz안");
    CHECK(replace_invalid_utf8("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");
    CHECK(is_utf8(replace_invalid_utf8("\xf4\x90\x80\x80\xc0\x80\xf0\x80\x80\x80")));
}

TEST_CASE("codes that may not stand in a close frame become 1000") {
    CHECK(websocket_close_code(3000) == 3000);
    CHECK(websocket_close_code(4999) == 4999);
    CHECK(websocket_close_code(1000) == 1000);
    CHECK(websocket_close_code(1012) == 1012);
    for (int code : {0, 999, 1004, 1005, 1006, 1015, 2010, 2999, 5000}) {
        CHECK(websocket_close_code(static_cast<std::uint16_t>(code)) == 1000);
    }
}
