#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>

// Heart-beats and DISCONNECT.

namespace {

using namespace test;
using texts = std::vector<std::string>;

TEST_CASE("data sent puts off the next heart-beat") {
    node_stub node;
    node.connect("1.2", "heart-beat:0,10000\n");
    node.pass(8s);
    node.receive("SEND\ndestination:/topic/open/a\nreceipt:1\n\nx^@");
    node.take();
    node.pass(1s);
    CHECK(node.take().empty());
    CHECK(node.session().next_deadline() == node.now() + 8s);
    node.pass(8s);
    CHECK(node.take_one() == "(heart-beat)");
    node.pass(9s);
    CHECK(node.take_one() == "(heart-beat)");
}

TEST_CASE("any bytes of the client's are life, and silence is the end") {
    node_stub node;
    node.connect("1.2", "heart-beat:10000,0\n");
    for (int i = 0; i < 5; ++i) {
        node.pass(20s);
        node.receive("\n");
        CHECK(node.take().empty());
    }
    node.pass(24999ms);
    CHECK(node.take().empty());
    node.pass(1ms);
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "message:heart-beat missed"));
    CHECK(out[0].find("25000 ms") != std::string::npos);
    CHECK(out[1] == "(close heart_beat_missed)");
}

TEST_CASE("a throttled background tab on a link with pings stays") {
    node_options options;
    options.link.pings = true;
    node_stub node(options);
    node.connect("1.2", "heart-beat:10000,0\n");
    for (int i = 0; i < 10; ++i) {
        node.pass(61s);
        node.receive("\n");
    }
    CHECK(node.take().empty());
    CHECK_FALSE(node.session().closed());
}

TEST_CASE("the silence of a client that is not read from proves nothing") {
    node_stub node;
    node.connect("1.2", "heart-beat:10000,0\n");
    node.receive("SEND\ndestination:/app/barrier\n\nx^@");
    node.pass(60s);
    CHECK(node.take().empty());
    node.app_done();
    node.pass(24s);
    CHECK(node.take().empty());
    node.pass(1s);
    CHECK(node.take().back() == "(close heart_beat_missed)");
}

TEST_CASE("DISCONNECT without a receipt closes at once") {
    node_stub node;
    node.connect();
    node.receive("SEND\ndestination:/app/slow\nreceipt:1\n\nx^@DISCONNECT\n\n^@");
    CHECK(node.take() == texts{"(close client_disconnect)"});
    node.app_done();
    CHECK(node.take().empty());
}

TEST_CASE("after the RECEIPT of DISCONNECT the client closes, or the node after a while") {
    node_stub node;
    node.connect("1.2", "heart-beat:1000,0\n");
    node.receive("SUBSCRIBE\nid:0\ndestination:/topic/open/a\n\n^@");
    node.receive("DISCONNECT\nreceipt:d\n\n^@SEND\ndestination:/topic/open/a\nreceipt:x\n\n^@");
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:d\n\n^@"});
    CHECK(node.ended == texts{"/topic/open/a"});
    CHECK(node.published.empty());
    CHECK(node.session().next_deadline() == node.now() + 5s);
    node.pass(5s);
    CHECK(node.take() == texts{"(close client_disconnect)"});
}

TEST_CASE("DISCONNECT waits for what is under way, and its refusals are told before it") {
    node_stub node;
    node.connect("1.2", "heart-beat:0,10000\n");
    node.receive("SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n^@");
    node.receive(
        "SEND\ndestination:/app/slow\nreceipt:1\n\nx^@"
        "SEND\ndestination:/app/slow\nreceipt:2\n\nx^@DISCONNECT\nreceipt:d\n\n^@");
    CHECK(node.take().empty());
    CHECK(node.ended.empty());
    node.pass(9s);
    CHECK(node.take_one() == "(heart-beat)");  // it takes a while: the client must not give up

    node.app_done(0, broker::app_error{"x", "y"});
    CHECK(has_line(node.take_one(), "subscription:e"));
    node.app_done(0);
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:2\n\n^@", "RECEIPT\nreceipt-id:d\n\n^@"});
    CHECK(node.ended == texts{"/user/queue/errors"});
    node.pass(5s);
    CHECK(node.take() == texts{"(close client_disconnect)"});
}

}  // namespace
