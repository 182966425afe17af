#include "tests/sockjs/support.hpp"

#include <doctest/doctest.h>

using namespace sockjs_test;

namespace {

// Serves a request that arrives on `shard`, wherever it ends up.
exchange_ptr serve_from(service_rig& rig, std::size_t shard, std::string method, std::string target,
                        std::string body = {}) {
    auto const arrived = rig.make_exchange(method, target, {}, body);
    arrived->shard = shard;
    arrived->shard_home = &rig.shards[shard].home;
    rig.serve(arrived);
    if (!arrived->moved_to) return arrived;
    auto moved = rig.make_exchange(method, target, {}, body);
    moved->shard = *arrived->moved_to;
    moved->shard_home = &rig.shards[moved->shard].home;
    arrived->arrive(moved);
    rig.shards[moved->shard].turn();
    return moved;
}

}  // namespace

TEST_CASE("requests of one session meet on one shard, wherever they arrive") {
    service_rig rig({}, 4);
    make_echo(rig.log);
    auto const opened = serve_from(rig, 0, "POST", at("xhr"));
    CHECK(opened->text() == "o\n");
    for (std::size_t shard = 0; shard < 4; ++shard) {
        CHECK(serve_from(rig, shard, "POST", at("xhr_send"), R"(["x"])")->answer->status == 204);
        auto const poll = serve_from(rig, shard, "POST", at("xhr"));
        CHECK(poll->text() == "a[\"x\"]\n");
        CHECK(poll->shard == opened->shard);
    }
    CHECK(rig.log.opened == 1);
}

TEST_CASE("sessions spread over the shards") {
    service_rig rig({}, 4);
    for (int i = 0; i < 200; ++i) {
        serve_from(rig, 0, "POST", "/echo/000/session" + std::to_string(i) + "/xhr");
    }
    for (std::size_t shard = 0; shard < 4; ++shard) CHECK(rig.service.session_count(shard) > 20);
}

TEST_CASE("what needs no session is answered where it arrives") {
    service_rig rig({}, 4);
    for (std::size_t shard = 0; shard < 4; ++shard) {
        for (auto const* target : {"/echo", "/echo/info", "/echo/iframe.html"}) {
            auto const asked = rig.make_exchange("GET", target, {}, {});
            asked->shard = shard;
            rig.serve(asked);
            CHECK(asked->answer->status == 200);
        }
        auto const preflight = rig.make_exchange("OPTIONS", at("xhr"), {}, {});
        preflight->shard = shard;
        rig.serve(preflight);
        CHECK(preflight->answer->status == 204);
        auto const socket = rig.make_exchange("GET", at("websocket"), {}, {});
        socket->shard = shard;
        socket->upgradable = true;
        rig.serve(socket);
        CHECK(socket->websocket != nullptr);
    }
}

TEST_CASE("a session belongs to who opened it, not to an address") {
    struct row {
        char const* about;
        std::vector<http_header> opening;
        std::vector<http_header> later;
        bool mine;
    };
    std::vector<row> const rows{
        {"nothing to go by", {}, {}, true},
        {"a cookie set meanwhile", {}, {{"Cookie", "JSESSIONID=dummy"}}, true},
        {"the same token", {{"Authorization", "Bearer a"}}, {{"Authorization", "Bearer a"}}, true},
        {"another token", {{"Authorization", "Bearer a"}}, {{"Authorization", "Bearer b"}}, false},
        {"the token left out", {{"Authorization", "Bearer a"}}, {}, false},
        {"the same cookie", {{"Cookie", "JSESSIONID=a"}}, {{"Cookie", "x=1; JSESSIONID=a"}}, true},
        {"another cookie", {{"Cookie", "JSESSIONID=a"}}, {{"Cookie", "JSESSIONID=b"}}, false},
        {"the cookie left out", {{"Cookie", "JSESSIONID=a"}}, {{"Cookie", "x=1"}}, false},
    };
    for (auto const& row : rows) {
        INFO(row.about);
        service_rig rig;
        make_echo(rig.log);
        auto const from = [&](std::string target, std::string body, auto const& headers,
                              char const* peer) {
            auto asked = rig.make_exchange("POST", std::move(target), headers, std::move(body));
            asked->asked.peer_address = peer;
            rig.serve(asked);
            return asked;
        };
        from(at("xhr"), "", row.opening, "192.0.2.1:1000");
        auto const send = from(at("xhr_send"), R"(["x"])", row.later, "192.0.2.1:1001");
        auto const poll = from(at("xhr"), "", row.later, "198.51.100.7:1002");
        CHECK(send->answer->status == (row.mine ? 204 : 404));
        CHECK(poll->answer->status == (row.mine ? 200 : 404));
        CHECK(rig.log.messages.size() == (row.mine ? 1 : 0));
        // The owner is not disturbed.
        CHECK(from(at("xhr_send"), R"(["y"])", row.opening, "192.0.2.1:1003")->answer->status ==
              204);
    }
}

TEST_CASE("the server part of a URL is for balancers only") {
    service_rig rig;
    make_echo(rig.log);
    rig.post("/echo/000/abc/xhr");
    rig.post("/echo/123/abc/xhr_send", R"(["a"])");
    CHECK(rig.post("/echo/999/abc/xhr")->text() == "a[\"a\"]\n");
}
