#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>

namespace {

using namespace test;
using broker::auth_refusal;
using broker::credentials;
using texts = std::vector<std::string>;

TEST_CASE("the version is the highest in common, in whatever order the client lists") {
    struct {
        char const* accepted;
        stomp::version expected;
    } const cases[] = {{"accept-version:1.2,1.1,1.0\n", stomp::version::v1_2},
                       {"accept-version:1.0,1.1\n", stomp::version::v1_1},
                       {"accept-version:1.2,2.0\n", stomp::version::v1_2},
                       {"accept-version:1.0\n", stomp::version::v1_0},
                       {"", stomp::version::v1_0}};
    for (auto const& c : cases) {
        node_stub node;
        node.receive(std::string("CONNECT\n") + c.accepted + "\n^@");
        auto const connected = node.take_one();
        CHECK(connected.starts_with("CONNECTED\n"));
        CHECK(node.version == c.expected);
        auto const told = "version:" + std::string(stomp::to_string(c.expected));
        CHECK(has_line(connected, told) == (c.expected != stomp::version::v1_0));
    }
}

TEST_CASE("the host is never required, and any is accepted") {
    node_stub node;
    node.receive("CONNECT\naccept-version:1.2\nhost:somewhere.else\n\n^@");
    CHECK(node.session().connected());
}

TEST_CASE("a receipt on CONNECT is not answered") {
    node_stub node;
    node.receive("CONNECT\naccept-version:1.2\nreceipt:1\n\n^@");
    CHECK(node.take_one().starts_with("CONNECTED\n"));
}

TEST_CASE("what CONNECT offers reaches the authenticator as it is") {
    node_stub node;
    node.authenticate = [](credentials const&) { return make_principal("alice"); };

    SUBCASE("login and passcode, with characters that other frames escape") {
        node.receive("CONNECT\naccept-version:1.2\nlogin:al\\ice\npasscode:a:b\\n\n\n^@");
        CHECK(node.asked.at(0).login == "al\\ice");
        CHECK(node.asked.at(0).passcode == "a:b\\n");
        CHECK_FALSE(node.asked.at(0).authorization);
    }
    SUBCASE("a token in Authorization") {
        node.receive("CONNECT\naccept-version:1.2\nAuthorization:Bearer x.y.z\n\n^@");
        CHECK(node.asked.at(0).authorization == "Bearer x.y.z");
        CHECK_FALSE(node.asked.at(0).login);
    }
    SUBCASE("in lower case, too") {
        node.receive("CONNECT\naccept-version:1.2\nauthorization:Bearer x\n\n^@");
        CHECK(node.asked.at(0).authorization == "Bearer x");
    }
    SUBCASE("a passcode alone") {
        node.receive("CONNECT\naccept-version:1.2\npasscode:x.y.z\n\n^@");
        CHECK(node.asked.at(0).passcode == "x.y.z");
    }
    SUBCASE("nothing at all, and empty values are nothing") {
        node.receive("CONNECT\naccept-version:1.2\nlogin:\npasscode:\n\n^@");
        CHECK_FALSE(node.asked.at(0).login);
        CHECK_FALSE(node.asked.at(0).passcode);
        CHECK_FALSE(node.asked.at(0).authorization);
    }
    CHECK(has_line(node.take_one(), "user-name:alice"));
    CHECK(node.session().caller()->name == "alice");
    CHECK(node.callers.size() == 1);
}

TEST_CASE("no frame is taken while credentials are checked") {
    node_stub node;
    node.authenticate = [](credentials const&) { return std::nullopt; };
    node.receive(
        "CONNECT\naccept-version:1.2\nlogin:a\n\n^@SUBSCRIBE\nid:0\ndestination:/topic/open/a"
        "\nreceipt:1\n\n^@");
    CHECK(node.session().suspended());
    CHECK(node.take().empty());

    node.authenticated(make_principal("a"));

    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(out[0].starts_with("CONNECTED\n"));
    CHECK(out[1] == "RECEIPT\nreceipt-id:1\n\n^@");
}

TEST_CASE("a refused login is told why, with its code, and ends the connection") {
    node_stub node;
    node.authenticate = [](credentials const&) {
        return auth_refusal{"token_expired", "The token has expired."};
    };
    node.receive("CONNECT\naccept-version:1.2\nlogin:a\n\n^@");
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "message:credentials refused"));
    CHECK(has_line(out[0], "code:token_expired"));
    CHECK(out[0].ends_with("\n\nThe token has expired.^@"));
    CHECK(out[1] == "(close credentials_refused)");
    CHECK(node.session().closed());
}

TEST_CASE(
    "a CONNECT without credentials uses those of the handshake, one with credentials its own") {
    node_options options;
    options.caller = make_principal("carol");
    node_stub without(options);
    without.receive("CONNECT\naccept-version:1.2\n\n^@");
    CHECK(without.session().caller()->name == "carol");
    CHECK(without.asked.empty());

    node_stub with(options);
    with.receive("CONNECT\naccept-version:1.2\nlogin:alice\npasscode:secret\n\n^@");
    CHECK(with.session().caller()->name == "alice");
}

TEST_CASE("a handshake whose credentials have expired meanwhile does not connect") {
    node_options options;
    node_stub const clock;
    options.caller = make_principal("carol", {}, clock.wall_now() + 5s);
    node_stub node(options);
    node.pass(5s);
    node.receive("CONNECT\naccept-version:1.2\n\n^@");
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "message:credentials expired"));
    CHECK(out[1] == "(close credentials_expired)");
}

TEST_CASE("without CONNECT in time the connection is closed") {
    node_stub node;
    CHECK(node.session().next_deadline() == node.now() + 10s);
    node.pass(9999ms);
    CHECK(node.take().empty());
    node.pass(1ms);
    CHECK(node.take_one() == "(close connect_timeout)");
    CHECK(node.session().next_deadline() == broker::steady_time::max());
}

TEST_CASE("slow credentials do not stretch the time to connect") {
    node_stub node;
    node.authenticate = [](credentials const&) { return std::nullopt; };
    node.pass(9s);
    node.receive("CONNECT\naccept-version:1.2\nlogin:a\n\n^@");
    node.pass(1s);
    CHECK(node.take_one() == "(close connect_timeout)");
    node.authenticated(make_principal("a"));
    CHECK(node.take().empty());
}

TEST_CASE("heart-beats are agreed on by what both can and want") {
    struct {
        char const* header;
        std::chrono::milliseconds beat_after, patience;
    } const cases[] = {
        {"heart-beat:10000,10000\n", 9s, 25s},  {"heart-beat:0,0\n", 0s, 0s},
        {"heart-beat:20000,30000\n", 27s, 45s}, {"heart-beat:1000,1000\n", 9s, 25s},
        {"heart-beat:0,5000\n", 9s, 0s},        {"", 0s, 0s},
    };
    for (auto const& c : cases) {
        node_stub node;
        node.connect("1.2", c.header);
        auto const next = node.session().next_deadline();
        if (c.beat_after == 0s) {
            CHECK(next == broker::steady_time::max());
            continue;
        }
        CHECK(next == node.now() + c.beat_after);
        node.pass(c.beat_after);
        CHECK(node.take() == texts{"(heart-beat)"});
        if (c.patience == 0s) {
            node.pass(24h);
            CHECK(node.take() == texts{"(heart-beat)"});
        } else {
            node.pass(c.patience - c.beat_after);
            auto const out = node.take();
            REQUIRE_FALSE(out.empty());
            CHECK(out.back() == "(close heart_beat_missed)");
        }
    }
}

TEST_CASE("a heart-beat header that is none is refused") {
    for (auto const* header : {"x,y", "10000", "-1,0", ""}) {
        node_stub node;
        node.receive(std::string("CONNECT\naccept-version:1.2\nheart-beat:") + header + "\n\n^@");
        auto const out = node.take();
        REQUIRE(out.size() == 2);
        CHECK(out[0].starts_with("ERROR\n"));
        CHECK(out[0].find("'heart-beat'") != std::string::npos);
        CHECK(out[1] == "(close protocol_error)");
    }
}

TEST_CASE("STOMP 1.0 has no heart-beat header, so that any is as good as none") {
    node_stub node;
    node.receive("CONNECT\nheart-beat:often\n\n^@");
    auto const answer = node.take_one();
    CHECK(answer.starts_with("CONNECTED\n"));
    CHECK_FALSE(has_line(answer, "heart-beat:"));
}

TEST_CASE("a link that carries no heart-beats is not promised any") {
    node_options options;
    options.link.heart_beats = false;
    node_stub node(options);
    node.receive("CONNECT\naccept-version:1.2\nheart-beat:10000,10000\n\n^@");
    CHECK(has_line(node.take_one(), "heart-beat:0,0"));
    CHECK(node.session().next_deadline() == broker::steady_time::max());
}

TEST_CASE("there are no heart-beats in 1.0") {
    node_stub node;
    node.receive("CONNECT\nheart-beat:10000,10000\n\n^@");
    CHECK(node.take_one().find("heart-beat") == std::string::npos);
    CHECK(node.session().next_deadline() == broker::steady_time::max());
}

TEST_CASE("a stranger has small limits, a connected client the configured ones") {
    node_stub node;
    CHECK(node.session().frame_limits().max_body == 4096);
    node.connect();
    CHECK(node.session().frame_limits().max_body == 1024 * 1024);
}

TEST_CASE("a frame over a limit is told which, before the close that says so") {
    node_stub node;
    node.receive("CONNECT\naccept-version:1.2\npasscode:" + std::string(20'000, 'x') + "\n\n^@");
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(out[0].find("16384") != std::string::npos);
    CHECK(out[0].find("(frame 1).") != std::string::npos);
    CHECK(out[1] == "(close message_too_big)");
}

TEST_CASE("the ERROR for a frame that cannot be read has its receipt, where that was read") {
    node_stub node;
    node.connect();
    node.receive("SEND\nreceipt:r-1\ndestination:/topic/open/a\ncontent-length:99999999\n\n");
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "message:body too large"));
    CHECK(has_line(out[0], "receipt-id:r-1"));
    CHECK(out[1] == "(close message_too_big)");
}

TEST_CASE("what is no STOMP ends in ERROR") {
    node_stub node;
    node.receive("GET / HTTP/1.1\nHost: x\n\n^@");
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "message:unknown command"));
    CHECK(out[1] == "(close protocol_error)");
}

TEST_CASE("commands of servers are refused") {
    for (auto const* command : {"CONNECTED", "MESSAGE", "RECEIPT", "ERROR"}) {
        node_stub node;
        node.connect();
        node.receive(std::string(command) + "\nreceipt-id:1\n\n^@");
        auto const out = node.take();
        REQUIRE(out.size() == 2);
        CHECK(has_line(out[0], "message:command not allowed"));
        CHECK(out[1] == "(close protocol_error)");
    }
}

TEST_CASE("after the end nothing happens any more") {
    node_stub node;
    node.connect();
    node.receive("DISCONNECT\n\n^@");
    CHECK(node.take() == texts{"(close client_disconnect)"});

    node.receive("SEND\ndestination:/topic/open/a\nreceipt:1\n\n^@");
    node.pass(1h);
    node.request_close(broker::close_reason::server_drain, "again");
    node.authenticated(make_principal("x"));
    node.subscribed();
    CHECK(node.take().empty());
}

TEST_CASE("the node can end a session, with the reason and a time to come back") {
    node_stub node;
    node.connect();
    node.request_close(broker::close_reason::server_drain, "This node restarts.", 1500ms);
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(out[0] ==
          "ERROR\nmessage:server restarts\nretry-after:1500\ncontent-type:text/plain\n"
          "content-length:19\n\nThis node restarts.^@");
    CHECK(out[1] == "(close server_drain)");

    node_stub stranger;
    stranger.request_close(broker::close_reason::server_drain, "");
    CHECK(stranger.take_one() == "(close server_drain)");
}

TEST_CASE("a session id that would spoil message ids is refused") {
    node_options options;
    options.session_id = std::string(65, 'x');
    CHECK_THROWS_AS(node_stub{options}, std::invalid_argument);
    options.session_id.clear();
    CHECK_THROWS_AS(node_stub{options}, std::invalid_argument);
}

// ----------------------------------------------------------------------- credentials that expire

TEST_CASE("a receipt that is not UTF-8 is not sent back in the ERROR for its frame") {
    node_stub node;
    node.receive("CONNECT\naccept-version:1.2\n\n^@");
    node.take();
    node.receive("SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:\xff\n\n^@");
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(out[0].starts_with("ERROR\n"));
    CHECK(out[0].find("receipt-id") == std::string::npos);
}

}  // namespace
