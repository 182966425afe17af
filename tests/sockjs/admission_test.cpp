#include "tests/sockjs/support.hpp"

#include <doctest/doctest.h>

// Who may open a session: pages of which origins, and what the application says.

using namespace sockjs_test;

namespace {}  // namespace

TEST_CASE("pages of origins that are not allowed get nothing") {
    sockjs::service_options options;
    options.allowed_origins = {"https://Chat.example.org"};
    service_rig rig(options);
    auto status = [&](std::vector<http_header> headers) {
        return rig.get("/echo/info", std::move(headers))->answer->status;
    };
    CHECK(status({{"Origin", "https://evil.example.org"}}) == 403);
    CHECK(status({{"Origin", "null"}}) == 403);
    CHECK(status({{"Origin", "https://chat.example.org"}}) == 200);
    CHECK(status({{"Origin", "http://node:8080"}, {"Host", "node:8080"}}) == 200);
    CHECK(status({{"Sec-Fetch-Site", "cross-site"}}) == 403);
    CHECK(status({{"Sec-Fetch-Site", "same-origin"}}) == 200);
    CHECK(status({}) == 200);
    auto script_of = [&](std::string page) {
        return status({{"Sec-Fetch-Site", "cross-site"}, {"Referer", std::move(page)}});
    };
    CHECK(script_of("https://chat.example.org/rooms?x=//evil.example.org") == 200);
    CHECK(script_of("https://chat.example.org") == 200);
    CHECK(script_of("https://evil.example.org/https://chat.example.org") == 403);
    CHECK(script_of("https://chat.example.org.evil.example.org/") == 403);
    CHECK(script_of("nonsense") == 403);
    CHECK(rig.upgrade(at("websocket"), {{"Origin", "https://evil.example.org"}})->answer->status ==
          403);
    CHECK(rig.get(at("jsonp?c=x"), {{"Sec-Fetch-Site", "cross-site"}})->answer->status == 403);
    CHECK(rig.get("/echo/iframe.html")->header("Content-Security-Policy") ==
          "frame-ancestors 'self' https://chat.example.org");
}

TEST_CASE("admission may refuse, at once or later") {
    sockjs::service_options options;
    unique_function<void(std::optional<http_response>)> pending;
    options.admit = [&pending](http_request const& request, executor&, auto done) {
        if (request.header("authorization") == "bad") {
            return done(text_response(401, "no\n"));
        }
        pending = std::move(done);
    };
    service_rig rig(options);
    std::vector<http_header> const bad{{"Authorization", "bad"}};
    CHECK(rig.post(at("xhr"), "", bad)->answer->status == 401);
    CHECK(rig.upgrade(at("websocket"), bad)->answer->status == 401);
    CHECK(rig.upgrade("/echo/websocket", bad)->answer->status == 401);
    CHECK(rig.log.opened == 0);

    auto const poll = rig.post(at("xhr"));
    CHECK_FALSE(poll->finished);
    SUBCASE("allowed") {
        pending(std::nullopt);
        CHECK(poll->text() == "o\n");
    }
    SUBCASE("refused") {
        pending(text_response(401, "no\n"));
        CHECK(poll->answer->status == 401);
        CHECK(poll->header("Access-Control-Allow-Origin") == "*");
        CHECK(poll->header("Access-Control-Allow-Credentials") == "true");
    }
    SUBCASE("the client has gone meanwhile") {
        poll->lose_peer();
        pending(std::nullopt);
        CHECK(rig.service.session_count(0) == 0);
    }
    SUBCASE("the client has asked twice") {
        auto first = std::move(pending);
        auto const second = rig.post(at("xhr_streaming"));
        first(std::nullopt);
        pending(std::nullopt);
        CHECK(poll->text() == "o\n");
        CHECK_FALSE(second->finished);
        CHECK(rig.log.opened == 1);
    }
}
