#include "tests/sockjs/support.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <set>

using namespace sockjs_test;

namespace {

constexpr char const* no_cache = "no-store, no-cache, must-revalidate, max-age=0";

sockjs::service_options in_dialect(sockjs::dialect const& dialect) {
    sockjs::service_options options;
    options.protocol = &dialect;
    return options;
}

void check_cors(fake_exchange const& answer, std::string const& origin) {
    CHECK(answer.header("Access-Control-Allow-Origin") == origin);
    CHECK(answer.header("Access-Control-Allow-Credentials") == "true");
}

}  // namespace

TEST_CASE("the greeting") {
    service_rig rig;
    for (auto const* path : {"/echo", "/echo/"}) {
        auto const answer = rig.get(path);
        CHECK(answer->answer->status == 200);
        CHECK(answer->text() == "Welcome to SockJS!\n");
        CHECK(answer->header("Content-Type") == "text/plain; charset=UTF-8");
    }
}

TEST_CASE("what is nowhere is not found") {
    service_rig rig;
    for (auto const* path : {"/echo/a", "/echo//", "/echo///", "/echo/a/a", "/echo/a/a/",
                             "/echo/a/", "/echo/a/a/xhr_", "/echo/a./a/xhr", "/elsewhere"}) {
        INFO(path);
        CHECK(rig.get(path)->answer->status == 404);
        CHECK(rig.post(path)->answer->status == 404);
    }
}

TEST_CASE("a wrong method gets the right ones, and nothing else") {
    service_rig rig;
    struct row {
        char const* method;
        std::string target;
        char const* allowed;
    };
    for (auto const& [method, target, allowed] : {
             row{"POST", "/echo", "GET"},
             row{"POST", "/echo/info", "OPTIONS, GET"},
             row{"POST", "/echo/iframe.html", "GET"},
             row{"POST", "/echo/websocket", "GET"},
             row{"POST", at("websocket"), "GET"},
             row{"GET", at("xhr"), "OPTIONS, POST"},
             row{"PUT", at("xhr_streaming"), "OPTIONS, POST"},
             row{"GET", at("xhr_send"), "OPTIONS, POST"},
             row{"POST", at("eventsource"), "GET"},
             row{"OPTIONS", at("htmlfile"), "GET"},
             row{"POST", at("jsonp"), "GET"},
             row{"GET", at("jsonp_send"), "POST"},
         }) {
        INFO(method, " ", target);
        auto const answer = rig.request(method, target);
        CHECK(answer->answer->status == 405);
        CHECK(answer->header("Allow") == allowed);
        CHECK_FALSE(answer->has_header("Content-Type"));
        CHECK(answer->text().empty());
    }
}

TEST_CASE("info says what the service can, with fresh entropy") {
    sockjs::service_options options;
    options.jsessionid = true;
    service_rig rig(options);
    auto const answer = rig.get("/echo/info", {{"Origin", "http://test"}});
    CHECK(answer->answer->status == 200);
    CHECK(answer->header("Content-Type") == "application/json; charset=UTF-8");
    CHECK(answer->header("Cache-Control") == no_cache);
    CHECK_FALSE(answer->has_header("Set-Cookie"));
    check_cors(*answer, "http://test");
    CHECK(answer->text().starts_with(
        R"({"websocket":true,"cookie_needed":true,"origins":["*:*"],"entropy":)"));

    std::set<std::string> seen;
    for (int i = 0; i < 20; ++i) seen.insert(rig.get("/echo/info")->text());
    CHECK(seen.size() > 15);
}

TEST_CASE("a service without WebSocket has none of its endpoints") {
    sockjs::service_options options;
    options.websocket = false;
    service_rig rig(options);
    CHECK(rig.get("/echo/info")->text().starts_with(R"({"websocket":false,)"));
    CHECK(rig.upgrade("/echo/websocket")->answer->status == 404);
    CHECK(rig.upgrade(at("websocket"))->answer->status == 404);
}

TEST_CASE("preflights are answered for a year") {
    sockjs::service_options options;
    options.jsessionid = true;
    service_rig rig(options);
    struct row {
        std::string target;
        char const* methods;
        bool cookie;
    };
    for (auto const& [target, methods, cookie] :
         {row{"/echo/info", "OPTIONS, GET", false}, row{at("xhr"), "OPTIONS, POST", true},
          row{at("xhr_send"), "OPTIONS, POST", true},
          row{at("xhr_streaming"), "OPTIONS, POST", true}}) {
        INFO(target);
        auto const answer = rig.request("OPTIONS", target,
                                        {{"Origin", "null"},
                                         {"Access-Control-Request-Method", "POST"},
                                         {"Access-Control-Request-Headers", "a, b, c"}});
        CHECK(answer->answer->status == 204);
        CHECK(answer->header("Cache-Control") == "public, max-age=31536000");
        CHECK(answer->header("Expires").ends_with(" GMT"));
        CHECK(answer->header("Access-Control-Max-Age") == "31536000");
        CHECK(answer->header("Access-Control-Allow-Methods") == methods);
        CHECK(answer->header("Access-Control-Allow-Headers") == "a, b, c");
        check_cors(*answer, "null");
        CHECK(answer->has_header("Set-Cookie") == cookie);
    }
    CHECK(rig.service.session_count(0) == 0);
}

TEST_CASE("an empty list of wanted headers is not echoed") {
    service_rig rig;
    auto const answer = rig.post(at("xhr"), "", {{"Access-Control-Request-Headers", ""}});
    CHECK_FALSE(answer->has_header("Access-Control-Allow-Headers"));
}

TEST_CASE("CORS by dialect") {
    SUBCASE("0.3.3 allows credentials even when no origin asks") {
        service_rig rig;
        check_cors(*rig.post(at("xhr")), "*");
        check_cors(*rig.request("OPTIONS", "/echo/info", {{"Origin", "null"}}), "*");
    }
    SUBCASE("the current protocol does not") {
        service_rig rig(in_dialect(sockjs::dialect_current));
        auto const answer = rig.post(at("xhr"));
        CHECK(answer->header("Access-Control-Allow-Origin") == "*");
        CHECK_FALSE(answer->has_header("Access-Control-Allow-Credentials"));
        CHECK(answer->header("Cache-Control") ==
              "no-store, no-cache, no-transform, must-revalidate, max-age=0");
    }
    SUBCASE("a page without origin may send credentials in both") {
        service_rig rig;
        check_cors(*rig.post(at("xhr"), "", {{"Origin", "null"}}), "null");
    }
}

TEST_CASE("the iframe page names the client script and is kept for a year") {
    sockjs::service_options options;
    options.sockjs_url = "/js/sockjs.js?a=1&b=\"2\"";
    service_rig rig(options);
    auto const page = rig.get("/echo/iframe-1.6.1.html?t=12");
    CHECK(page->answer->status == 200);
    CHECK(page->header("Content-Type") == "text/html; charset=UTF-8");
    CHECK(page->header("Cache-Control") == "public, max-age=31536000");
    CHECK(page->has_header("Expires"));
    CHECK_FALSE(page->has_header("Set-Cookie"));
    CHECK(page->text() == R"(<!DOCTYPE html>
<html>
<head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
  <script>
    document.domain = document.domain;
    _sockjs_onload = function(){SockJS.bootstrap_iframe();};
  </script>
  <script src="/js/sockjs.js?a=1&amp;b=&quot;2&quot;"></script>
</head>
<body>
  <h2>Don't panic!</h2>
  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>
</body>
</html>)");

    auto const again = rig.get("/echo/iframe.html", {{"If-None-Match", page->header("ETag")}});
    CHECK(again->answer->status == 304);
    CHECK_FALSE(again->has_header("Content-Type"));
    CHECK(again->text().empty());
}

TEST_CASE("the iframe page of the current protocol loads the script first") {
    service_rig rig(in_dialect(sockjs::dialect_current));
    CHECK(rig.get("/echo/iframe.html")->text().find(R"(
  <script src="/vendor/sockjs.min.js"></script>
  <script>
    document.domain = document.domain;
    SockJS.bootstrap_iframe();
  </script>
</head>)") != std::string::npos);
}

TEST_CASE("xhr and xhr_send answer as JavaScript and as plain text, uncached") {
    service_rig rig;
    auto const poll = rig.post(at("xhr"));
    CHECK(poll->header("Content-Type") == "application/javascript; charset=UTF-8");
    CHECK(poll->header("Cache-Control") == no_cache);
    auto const send = rig.post(at("xhr_send"), "[]");
    CHECK(send->answer->status == 204);
    CHECK(send->header("Content-Type") == "text/plain; charset=UTF-8");
    CHECK(send->header("Cache-Control") == no_cache);
    check_cors(*send, "*");
    CHECK(send->text().empty());
}

TEST_CASE("xhr_send takes any content type, and refuses what is no array of strings") {
    service_rig rig;
    rig.post(at("xhr"));
    for (auto const* type : {"text/plain", "T", "application/json", "application/xml", "",
                             "application/json; charset=utf-8", "text/xml"}) {
        CHECK(rig.post(at("xhr_send"), R"(["a"])", {{"Content-Type", type}})->answer->status ==
              204);
    }
    struct row {
        char const* body;
        char const* text;
    };
    for (auto const& [body, text] :
         {row{R"(["x)", "Broken JSON encoding."}, row{"x", "Broken JSON encoding."},
          row{"[\"\xff\"]", "Broken JSON encoding."}, row{"[1]", "Broken JSON encoding."},
          row{"", "Payload expected."}, row{"\"x\"", "Payload expected."}}) {
        auto const answer = rig.post(at("xhr_send"), body);
        CHECK(answer->answer->status == 500);
        CHECK(answer->text() == text);
        check_cors(*answer, "*");
    }
    CHECK(rig.log.messages.size() == 7);
}

TEST_CASE("sends to a session that is not there are not found") {
    service_rig rig;
    CHECK(rig.post(at("xhr_send"), R"(["x"])")->answer->status == 404);
    CHECK(rig.post(at("jsonp_send"), R"(["x"])")->answer->status == 404);
}

TEST_CASE("eventsource") {
    service_rig rig;
    make_echo(rig.log);
    auto const stream = rig.get(at("eventsource"));
    CHECK(stream->header("Content-Type") == "text/event-stream; charset=UTF-8");
    CHECK(stream->header("Cache-Control") == no_cache);
    REQUIRE(stream->pieces.size() == 2);
    CHECK(stream->pieces[0] == "\r\n");
    CHECK(stream->pieces[1] == "data: o\r\n\r\n");
    rig.post(at("xhr_send"), R"(["  \u0000\n\r "])");
    CHECK(stream->pieces.back() == "data: a[\"  \\u0000\\n\\r \"]\r\n\r\n");
    // Clients undo percent-encoding in events.
    rig.post(at("xhr_send"), R"(["100%20%"])");
    CHECK(stream->pieces.back() == "data: a[\"100%2520%25\"]\r\n\r\n");
}

TEST_CASE("htmlfile") {
    service_rig rig;
    make_echo(rig.log);
    auto const stream = rig.get(at("htmlfile?c=%63allback"));
    CHECK(stream->header("Content-Type") == "text/html; charset=UTF-8");
    REQUIRE(stream->pieces.size() == 2);
    auto const& head = stream->pieces[0];
    CHECK(head.size() > 1024);
    CHECK(head.starts_with(R"(<!doctype html>
<html><head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
</head><body><h2>Don't panic!</h2>
  <script>
    document.domain = document.domain;
    var c = parent.callback;
    c.start();
    function p(d) {c.message(d);};
    window.onload = function() {c.stop();};
  </script>
)"));
    CHECK(stream->pieces[1] == "<script>\np(\"o\");\n</script>\r\n");
    rig.post(at("xhr_send"), R"(["x</script>"])");
    CHECK(stream->pieces.back() == "<script>\np(\"a[\\\"x\\u003c/script>\\\"]\");\n</script>\r\n");
}

TEST_CASE("jsonp, by dialect") {
    bool current = false;
    SUBCASE("0.3.3") {}
    SUBCASE("current") {
        current = true;
    }
    service_rig rig(in_dialect(current ? sockjs::dialect_current : sockjs::dialect_0_3_3));
    std::string const front = current ? "/**/" : "";
    make_echo(rig.log);
    auto const poll = rig.get(at("jsonp?c=%63all.back"));
    CHECK(poll->header("Content-Type") == "application/javascript; charset=UTF-8");
    CHECK(poll->header("Cache-Control").starts_with("no-store"));
    CHECK(poll->text() == front + "call.back(\"o\");\r\n");
    auto const send =
        rig.request("POST", at("jsonp_send"),
                    {{"Content-Type", "application/x-www-form-urlencoded"}}, "d=%5B%22x%22%5D");
    CHECK(send->answer->status == 200);
    CHECK(send->text() == "ok");
    CHECK(send->header("Content-Type") == "text/plain; charset=UTF-8");
    rig.post(at("jsonp_send"), R"(["%61bc"])", {{"Content-Type", "text/plain"}});
    CHECK(rig.get(at("jsonp?c=x"))->text() == front + "x(\"a[\\\"x\\\",\\\"%61bc\\\"]\");\r\n");
}

TEST_CASE("jsonp_send without payload, or with a broken one") {
    service_rig rig;
    rig.get(at("jsonp?c=x"));
    std::vector<http_header> const form{{"Content-Type", "application/x-www-form-urlencoded"}};
    for (auto const* body : {"", "d=", "p=p"}) {
        CHECK(rig.request("POST", at("jsonp_send"), form, body)->text() == "Payload expected.");
    }
    CHECK(rig.request("POST", at("jsonp_send"), form, "d=%5B%22x")->text() ==
          "Broken JSON encoding.");
}

TEST_CASE("a callback that is missing or is no name opens nothing") {
    service_rig rig;
    for (auto const* endpoint : {"htmlfile", "jsonp"}) {
        auto const missing = rig.get(at(endpoint));
        CHECK(missing->answer->status == 500);
        CHECK(missing->text() == "\"callback\" parameter required\n");
        for (auto const* name :
             {"%20", "*", "abc(", "abc%28", "a%0d%0ab", "", "a23456789012345678901234567890123"}) {
            auto const invalid = rig.get(at(endpoint) + "?c=" + name);
            CHECK(invalid->answer->status == 500);
            CHECK(invalid->text() == "invalid \"callback\" parameter\n");
        }
    }
    CHECK(rig.service.session_count(0) == 0);
}

TEST_CASE("JSESSIONID is set on every session URL, and is the client's own if there is one") {
    sockjs::service_options options;
    options.jsessionid = true;
    service_rig rig(options);
    std::vector<std::pair<char const*, std::string>> const requests{
        {"POST", "/echo/000/1/xhr"},        {"POST", "/echo/000/2/xhr_streaming"},
        {"GET", "/echo/000/3/eventsource"}, {"GET", "/echo/000/4/htmlfile?c=x"},
        {"GET", "/echo/000/5/jsonp?c=x"},   {"POST", "/echo/000/5/jsonp_send"},
        {"POST", "/echo/000/5/xhr_send"},
    };
    for (auto const& [method, target] : requests) {
        INFO(target);
        CHECK(rig.request(method, target)->header("Set-Cookie") == "JSESSIONID=dummy; path=/");
    }
    CHECK(rig.post("/echo/000/6/xhr", "", {{"Cookie", "a=b; JSESSIONID=abcdef"}})
              ->header("Set-Cookie") == "JSESSIONID=abcdef; path=/");
    CHECK_FALSE(rig.get("/echo")->has_header("Set-Cookie"));
    CHECK_FALSE(rig.get("/echo/iframe.html")->has_header("Set-Cookie"));
}

TEST_CASE("no cookie is set unless it is wanted") {
    service_rig rig;
    CHECK_FALSE(rig.post(at("xhr"))->has_header("Set-Cookie"));
}

TEST_CASE("options that make no sense are refused at start") {
    auto refuses = [](auto change) {
        sockjs::service_options options;
        change(options);
        auto factory = [](http_request const&, executor&) {
            return std::unique_ptr<sockjs::handler>();
        };
        CHECK_THROWS_AS(sockjs::service(options, factory), std::invalid_argument);
    };
    refuses([](auto& options) { options.prefix = "ws"; });
    refuses([](auto& options) { options.prefix = "/ws/"; });
    refuses([](auto& options) { options.streaming_limit = 0; });
    refuses([](auto& options) { options.heart_beat = {}; });
    refuses([](auto& options) { options.disconnect_delay = {}; });
}
