#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>

namespace {

using namespace test;
using texts = std::vector<std::string>;

constexpr auto begin = "BEGIN\ntransaction:t\n\n^@";
constexpr auto commit = "COMMIT\ntransaction:t\nreceipt:c\n\n^@";

std::string send_in_t(std::string const& destination, std::string const& body = "x",
                      std::string const& more = "") {
    return "SEND\ndestination:" + destination + "\ntransaction:t\n" + more + "\n" + body + "^@";
}

void check_refused(node_stub& node, std::string const& frame, std::string const& words) {
    node.take();
    node.receive(frame);
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK_MESSAGE(out[0].find(words) != std::string::npos, out[0]);
    CHECK(out[1].starts_with("(close"));
}

TEST_CASE("nothing of a transaction is done before its COMMIT, and then all in order") {
    node_stub node;
    node.connect();
    node.receive(begin);
    node.receive(send_in_t("/topic/open/a", "1"));
    node.receive(send_in_t("/app/x", "2"));
    node.receive(send_in_t("/topic/open/b", "3", "receipt:k\n"));
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:k\n\n^@"});
    CHECK(node.published.empty());
    CHECK(node.app_sends.empty());

    node.receive(commit);

    REQUIRE(node.published.size() == 2);
    CHECK(node.published[0]->body() == "1");
    CHECK(node.published[1]->body() == "3");
    CHECK(visible(node.published[1]->tail(stomp::version::v1_2)).find("transaction") ==
          std::string::npos);
    CHECK(node.app_sends == texts{"/app/x"});
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:c\n\n^@"});
}

TEST_CASE("ACK and NACK in a transaction are settled at its COMMIT") {
    node_stub node;
    node.connect();
    node.receive("SUBSCRIBE\nid:0\ndestination:/topic/open/a\nack:client-individual\n\n^@");
    for (auto const* id : {"m1", "m2"}) {
        node.publish({.destination = "/topic/open/a", .id = id, .headers = {}, .body = ""});
    }
    node.take();
    node.receive(begin);
    node.receive("ACK\nid:1.1\ntransaction:t\n\n^@NACK\nid:1.2\ntransaction:t\n\n^@");
    CHECK(node.take().empty());

    SUBCASE("COMMIT") {
        node.receive(commit);
        auto const out = node.take();
        REQUIRE(out.size() == 2);
        CHECK(has_line(out[0], "redelivered:true"));
        CHECK(out[1] == "RECEIPT\nreceipt-id:c\n\n^@");
        check_refused(node, "ACK\nid:1.1\n\n^@", "nothing to acknowledge");
    }
    SUBCASE("ABORT leaves them pending") {
        node.receive("ABORT\ntransaction:t\n\n^@ACK\nid:1.1\n\n^@ACK\nid:1.2\nreceipt:r\n\n^@");
        CHECK(node.take() == texts{"RECEIPT\nreceipt-id:r\n\n^@"});
    }
    SUBCASE("what is wrong at COMMIT is told then, with the COMMIT's receipt") {
        node.receive("ACK\nid:1.1\n\n^@");
        node.receive(commit);
        auto const out = node.take();
        REQUIRE(out.size() == 2);
        CHECK(has_line(out[0], "receipt-id:c"));
        CHECK(out[1] == "(close protocol_error)");
    }
}

TEST_CASE("transactions that are not as they should be are refused") {
    node_options options;
    options.limits.max_transactions = 2;
    options.limits.max_transaction_frames = 2;
    options.limits.max_transaction_bytes = 500;
    options.limits.max_id_bytes = 8;
    node_stub node(options);
    node.connect();
    node.receive(begin);
    SUBCASE("BEGIN twice") {
        check_refused(node, begin, "'t' was begun before");
    }
    SUBCASE("COMMIT of none") {
        check_refused(node, "COMMIT\ntransaction:u\n\n^@", "'u' is not open");
    }
    SUBCASE("ABORT of none") {
        check_refused(node, "ABORT\ntransaction:u\n\n^@", "'u' is not open");
    }
    SUBCASE("COMMIT twice") {
        node.receive(commit);
        check_refused(node, commit, "'t' is not open");
    }
    SUBCASE("SEND in none") {
        check_refused(node, "SEND\ndestination:/topic/open/a\ntransaction:u\n\n^@",
                      "'u' is not open");
    }
    SUBCASE("BEGIN without a name") {
        check_refused(node, "BEGIN\n\n^@", "'transaction'");
    }
    SUBCASE("a name too long") {
        check_refused(node, "BEGIN\ntransaction:123456789\n\n^@", "8 bytes");
    }
    SUBCASE("one too many") {
        node.receive("BEGIN\ntransaction:u\n\n^@");
        check_refused(node, "BEGIN\ntransaction:v\n\n^@", "2 open transactions");
    }
    SUBCASE("too many frames") {
        node.receive(send_in_t("/topic/open/a"));
        node.receive(send_in_t("/topic/open/a"));
        check_refused(node, send_in_t("/topic/open/a"), "the most frames");
    }
    SUBCASE("too many bytes") {
        check_refused(node, send_in_t("/topic/open/a", std::string(500, 'x')), "500 bytes");
    }
    SUBCASE("a SEND that would be refused at COMMIT") {
        check_refused(node, send_in_t("/topic/closed"), "access rules");
    }
    SUBCASE("a refresh of the credentials") {
        check_refused(node, send_in_t("/app/auth.refresh"), "cannot be part of a transaction");
    }
}

TEST_CASE("the COMMIT's receipt waits for the application, and the frames behind it do not") {
    node_stub node;
    node.connect();
    node.receive(begin);
    node.receive(send_in_t("/app/slow.1") + send_in_t("/app/slow.2"));
    node.receive(commit);
    CHECK_FALSE(node.session().suspended());
    node.receive("SEND\ndestination:/topic/open/a\nreceipt:z\n\nx^@");
    CHECK(node.published.size() == 1);
    CHECK(node.take().empty());
    node.app_done(1);
    CHECK(node.take().empty());
    node.app_done(0);
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:c\n\n^@", "RECEIPT\nreceipt-id:z\n\n^@"});
}

TEST_CASE("a barrier within a COMMIT holds back the rest of it and every frame behind") {
    node_stub node;
    node.connect();
    node.receive(begin);
    node.receive(send_in_t("/app/barrier") + send_in_t("/topic/open/a") + send_in_t("/app/slow"));
    node.receive(std::string(commit) + "SEND\ndestination:/topic/open/b\n\nx^@");
    CHECK(node.session().suspended());
    CHECK(node.published.empty());
    node.app_done();
    CHECK(node.published.size() == 2);
    CHECK(node.published[0]->destination() == "/topic/open/a");
    CHECK(node.app_sends == texts{"/app/barrier", "/app/slow"});
    CHECK(node.take().empty());
    node.app_done();
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:c\n\n^@"});
}

TEST_CASE("an app send within a COMMIT that must come after others holds back the rest of it") {
    node_stub node;
    node.connect();
    node.receive(begin);
    node.receive(send_in_t("/app/slow") + send_in_t("/app/alone") + send_in_t("/topic/open/a"));
    node.receive(std::string(commit) + "SEND\ndestination:/topic/open/b\n\nx^@");
    CHECK(node.app_sends == texts{"/app/slow"});
    node.app_done();
    CHECK(node.app_sends == texts{"/app/slow", "/app/alone"});
    CHECK(node.published.empty());
    CHECK(node.take().empty());
    node.app_done();
    CHECK(node.published.size() == 2);
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:c\n\n^@"});
}

TEST_CASE("a COMMIT of more app sends than may be under way takes its time") {
    node_options options;
    options.limits.max_app_sends_in_flight = 3;
    node_stub node(options);
    node.connect();
    node.receive(begin);
    for (int i = 0; i < 10; ++i) node.receive(send_in_t("/app/slow", std::to_string(i)));
    node.receive(commit);
    for (int i = 0; i < 10; ++i) {
        CHECK(node.held.size() == static_cast<std::size_t>(std::min(3, 10 - i)));
        CHECK(node.held[0].body == std::to_string(i));
        CHECK(node.take().empty());
        node.app_done();
    }
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:c\n\n^@"});
}

TEST_CASE("a COMMIT of which the application refuses a part gets no RECEIPT") {
    node_stub node;
    node.connect();
    SUBCASE("told on the errors queue, with the COMMIT's receipt") {
        node.receive("SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n^@");
        node.receive(begin);
        SUBCASE("before the COMMIT was carried out") {
            node.receive(send_in_t("/app/fail") + send_in_t("/app/ok"));
            node.receive(commit);
        }
        SUBCASE("after it") {
            node.receive(send_in_t("/app/slow") + send_in_t("/app/ok"));
            node.receive(commit);
            node.app_done(0, broker::app_error{"x", "y"});
        }
        CHECK(node.app_sends.back() == "/app/ok");
        auto const told = node.take_one();
        CHECK(told.find(R"("receipt":"c")") != std::string::npos);
        node.receive("SEND\ndestination:/topic/open/a\nreceipt:z\n\nx^@");
        CHECK(node.take_one() == "RECEIPT\nreceipt-id:z\n\n^@");
    }
    SUBCASE("or else by an ERROR") {
        node.receive(begin);
        node.receive(send_in_t("/app/slow") + send_in_t("/app/ok"));
        node.receive(commit);
        node.app_done(0, broker::app_error{"x", "y"});
        auto const out = node.take();
        REQUIRE(out.size() == 2);
        CHECK(has_line(out[0], "receipt-id:c"));
        CHECK(out[1] == "(close access_denied)");
    }
    SUBCASE("or not at all, if the COMMIT asked for none") {
        node.receive(begin);
        node.receive(send_in_t("/app/fail"));
        node.receive("COMMIT\ntransaction:t\n\n^@");
        CHECK(node.take().empty());
        CHECK_FALSE(node.session().closed());
    }
}

TEST_CASE("transactions go on side by side") {
    node_stub node;
    node.connect();
    node.receive("BEGIN\ntransaction:a\n\n^@BEGIN\ntransaction:b\n\n^@");
    node.receive("SEND\ndestination:/topic/open/x\ntransaction:a\n\n1^@");
    node.receive("SEND\ndestination:/topic/open/x\ntransaction:b\n\n2^@");
    node.receive("COMMIT\ntransaction:b\n\n^@");
    REQUIRE(node.published.size() == 1);
    CHECK(node.published[0]->body() == "2");
    node.receive("COMMIT\ntransaction:a\n\n^@");
    REQUIRE(node.published.size() == 2);
}

TEST_CASE("what is open at DISCONNECT is rolled back") {
    node_stub node;
    node.connect();
    node.receive(begin);
    node.receive(send_in_t("/topic/open/a"));
    node.receive("DISCONNECT\nreceipt:d\n\n^@");
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:d\n\n^@"});
    CHECK(node.published.empty());
}

TEST_CASE("an empty transaction commits") {
    node_stub node;
    node.connect();
    node.receive(begin);
    node.receive(commit);
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:c\n\n^@"});
}

}  // namespace
