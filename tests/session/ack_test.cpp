#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>

namespace {

using namespace test;
using texts = std::vector<std::string>;

void deliver(node_stub& node, std::string id, std::string body = "x") {
    node.publish({.destination = "/topic/open/a",
                  .id = std::move(id),
                  .headers = {},
                  .body = std::move(body)});
}

void connect_and_subscribe(node_stub& node, std::string const& version, std::string const& mode) {
    node.connect(version);
    node.receive("SUBSCRIBE\nid:0\ndestination:/topic/open/a\nack:" + mode + "\n\n^@");
}

bool accepted(node_stub& node, std::string const& frame) {
    node.take();
    node.receive(frame);
    auto const out = node.take();
    return !out.empty() && out.back() == "RECEIPT\nreceipt-id:r\n\n^@";
}

TEST_CASE("messages of an auto subscription have no ack header") {
    node_stub node;
    connect_and_subscribe(node, "1.2", "auto");
    deliver(node, "m1");
    CHECK(node.take_one().find("\nack:") == std::string::npos);
}

TEST_CASE("only 1.2 names deliveries by an ack header") {
    for (auto const* version : {"1.0", "1.1", "1.2"}) {
        node_stub node;
        connect_and_subscribe(node, version, "client");
        deliver(node, "m1");
        CHECK(has_line(node.take_one(), "ack:1.1") == (version == std::string("1.2")));
    }
}

TEST_CASE("an ACK settles by the headers of its version") {
    struct {
        char const *version, *frame;
    } const cases[] = {
        {"1.0", "ACK\nmessage-id:m1\nreceipt:r\n\n^@"},
        {"1.0", "ACK\nmessage-id:m1\nsubscription:0\nreceipt:r\n\n^@"},
        {"1.1", "ACK\nmessage-id:m1\nsubscription:0\nreceipt:r\n\n^@"},
        {"1.2", "ACK\nid:1.1\nreceipt:r\n\n^@"},
        {"1.2", "ACK\nid:1.1\nsubscription:0\nreceipt:r\n\n^@"},
    };
    for (auto const& c : cases) {
        node_stub node;
        connect_and_subscribe(node, c.version, "client-individual");
        deliver(node, "m1");
        CHECK(accepted(node, c.frame));
        CHECK_FALSE(accepted(node, c.frame));  // once only
        CHECK(node.session().closed());
    }
}

TEST_CASE("an ACK without the headers of its version is refused") {
    for (auto const* version : {"1.0", "1.1", "1.2"}) {
        node_stub node;
        connect_and_subscribe(node, version, "client");
        deliver(node, "m1");
        CHECK_FALSE(accepted(node, "ACK\nreceipt:r\n\n^@"));
        CHECK(node.session().closed());
    }
    node_stub node;
    connect_and_subscribe(node, "1.1", "client");
    deliver(node, "m1");
    CHECK_FALSE(accepted(node, "ACK\nmessage-id:m1\nreceipt:r\n\n^@"));
}

TEST_CASE("client mode is cumulative in its subscription, client-individual is not") {
    for (auto const* version : {"1.1", "1.2"}) {
        auto const ack = [&](int n) {
            auto const number = std::to_string(n);
            return version == std::string("1.2")
                       ? "ACK\nid:1." + number + "\nreceipt:r\n\n^@"
                       : "ACK\nmessage-id:m" + number + "\nsubscription:0\nreceipt:r\n\n^@";
        };
        auto const nack = [&](int n) { return "N" + ack(n); };

        node_stub cumulative;
        connect_and_subscribe(cumulative, version, "client");
        node_stub individual;
        connect_and_subscribe(individual, version, "client-individual");
        for (auto* node : {&cumulative, &individual}) {
            for (auto const* id : {"m1", "m2", "m3"}) deliver(*node, id);
            CHECK(accepted(*node, ack(2)));
            CHECK(accepted(*node, nack(3)));
        }
        CHECK(accepted(individual, ack(1)));
        CHECK_FALSE(accepted(cumulative, nack(1)));
    }
}

TEST_CASE("an ACK below one that was cumulative is no mistake") {
    node_stub node;
    connect_and_subscribe(node, "1.2", "client");
    for (auto const* id : {"m1", "m2"}) deliver(node, id);
    CHECK(accepted(node, "ACK\nid:1.2\nreceipt:r\n\n^@"));
    CHECK(accepted(node, "ACK\nid:1.1\nreceipt:r\n\n^@"));
    CHECK_FALSE(accepted(node, "ACK\nid:1.3\nreceipt:r\n\n^@"));  // never sent
}

TEST_CASE("an ACK for an auto subscription does nothing") {
    node_stub node;
    connect_and_subscribe(node, "1.2", "auto");
    deliver(node, "m1");
    CHECK(accepted(node, "ACK\nid:undefined\nsubscription:0\nreceipt:r\n\n^@"));
    CHECK(accepted(node, "ACK\nid:m1\nreceipt:r\n\n^@"));
    CHECK(accepted(node, "NACK\nid:m1\nsubscription:0\nreceipt:r\n\n^@"));
    CHECK_FALSE(node.session().closed());
}

TEST_CASE("an ACK of what is unknown is refused") {
    for (auto const* frame :
         {"ACK\nid:99\nreceipt:r\n\n^@", "ACK\nid:1.99\nreceipt:r\n\n^@",
          "ACK\nid:undefined\nsubscription:0\nreceipt:r\n\n^@",
          "ACK\nid:1.1\nsubscription:0\nreceipt:r\n\n^@", "ACK\nid:9.1\nreceipt:r\n\n^@",
          "ACK\nid:1.1\nsubscription:other\nreceipt:r\n\n^@"}) {
        node_stub node;
        connect_and_subscribe(node, "1.2", "client-individual");
        CHECK_FALSE_MESSAGE(accepted(node, frame), frame);
        CHECK(node.session().closed());
    }
    node_stub node;
    node.connect();
    CHECK_FALSE(accepted(node, "ACK\nid:1.1\nreceipt:r\n\n^@"));
}

TEST_CASE("an ACK may cross the end of its subscription") {
    struct {
        char const *version, *frame;
    } const cases[] = {
        {"1.0", "ACK\nmessage-id:m1\nreceipt:r\n\n^@"},
        {"1.1", "ACK\nmessage-id:m1\nsubscription:0\nreceipt:r\n\n^@"},
        {"1.2", "ACK\nid:1.1\nreceipt:r\n\n^@"},
    };
    for (auto const& c : cases) {
        node_stub node;
        connect_and_subscribe(node, c.version, "client");
        deliver(node, "m1");
        node.receive("UNSUBSCRIBE\nid:0\n\n^@");
        CHECK(accepted(node, c.frame));
    }
}

TEST_CASE("an ACK of an ended subscription settles nothing of its successor") {
    node_stub node;
    connect_and_subscribe(node, "1.2", "client-individual");
    deliver(node, "m1");
    node.receive("UNSUBSCRIBE\nid:0\n\n^@");
    node.receive("SUBSCRIBE\nid:0\ndestination:/topic/open/a\nack:client-individual\n\n^@");
    node.take();
    deliver(node, "m2");
    CHECK(has_line(node.take_one(), "ack:2.2"));
    CHECK(accepted(node, "ACK\nid:1.1\nreceipt:r\n\n^@"));
    CHECK(accepted(node, "ACK\nid:2.2\nreceipt:r\n\n^@"));
}

TEST_CASE("a NACK brings the message again, until it was tried often enough") {
    node_options options;
    options.limits.max_delivery_attempts = 3;
    node_stub node(options);
    connect_and_subscribe(node, "1.2", "client-individual");
    deliver(node, "m1", "hello");
    CHECK(node.take_one().find("redelivered") == std::string::npos);

    for (auto const* expected : {"1.2", "1.3"}) {
        auto const before = std::string(expected) == "1.2" ? "1.1" : "1.2";
        node.receive(std::string("NACK\nid:") + before + "\n\n^@");
        auto const again = node.take_one();
        CHECK(has_line(again, "redelivered:true"));
        CHECK(has_line(again, std::string("ack:") + expected));
        CHECK(has_line(again, "message-id:m1"));
        CHECK(again.ends_with("hello^@"));
    }
    CHECK(accepted(node, "NACK\nid:1.3\nreceipt:r\n\n^@"));
    CHECK_FALSE(accepted(node, "ACK\nid:1.4\nreceipt:r\n\n^@"));  // there was no fourth
}

TEST_CASE("a NACK that asks for no requeue drops the message") {
    node_stub node;
    connect_and_subscribe(node, "1.2", "client-individual");
    deliver(node, "m1");
    node.take();
    node.receive("NACK\nid:1.1\nrequeue:false\nreceipt:r\n\n^@");
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:r\n\n^@"});
}

TEST_CASE("in 1.1 a message brought again is acknowledged by its message id") {
    node_stub node;
    connect_and_subscribe(node, "1.1", "client-individual");
    deliver(node, "m1");
    node.receive("NACK\nmessage-id:m1\nsubscription:0\n\n^@");
    CHECK(accepted(node, "ACK\nmessage-id:m1\nsubscription:0\nreceipt:r\n\n^@"));
}

TEST_CASE("a client that leaves too many messages without ACK is told and closed") {
    node_options options;
    options.limits.max_pending_acks = 2;
    node_stub node(options);
    connect_and_subscribe(node, "1.2", "client");
    deliver(node, "m1");
    deliver(node, "m2");
    node.receive("ACK\nid:1.1\n\n^@");
    deliver(node, "m3");
    CHECK(node.take().size() == 3);
    deliver(node, "m4");
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "message:too many unacknowledged messages"));
    CHECK(out[0].find("2 messages without ACK") != std::string::npos);
    CHECK(out[1] == "(close slow_consumer)");
}

TEST_CASE("two subscriptions to one destination have ledgers of their own") {
    node_stub node;
    connect_and_subscribe(node, "1.1", "client");
    node.receive("SUBSCRIBE\nid:1\ndestination:/topic/open/a\nack:client\n\n^@");
    deliver(node, "m1");
    CHECK(accepted(node, "ACK\nmessage-id:m1\nsubscription:1\nreceipt:r\n\n^@"));
    CHECK(accepted(node, "ACK\nmessage-id:m1\nsubscription:0\nreceipt:r\n\n^@"));
}

TEST_CASE("a delivery to a subscription that is gone is none") {
    node_stub node;
    connect_and_subscribe(node, "1.2", "client");
    auto const handle = node.session().subscriptions().begin()->handle();
    node.receive("UNSUBSCRIBE\nid:0\n\n^@");
    broker::actions out;
    auto const message = std::make_shared<broker::message const>(broker::message_fields{
        .destination = "/topic/open/a", .id = "m", .headers = {}, .body = ""});
    CHECK_FALSE(node.session().on_deliver(handle, message, out));
    CHECK(out.empty());
}

}  // namespace
