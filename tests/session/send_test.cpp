#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>

namespace {

using namespace test;
using texts = std::vector<std::string>;

struct server_role {
    server_role() {
        node.authenticate = [](broker::credentials const&) {
            return make_principal("backend", {"server"});
        };
        node.connect();
    }
    node_stub node;
};

// A session whose SENDs to the application the test itself performs.
class by_hand {
public:
    by_hand() { node_.connect(); }

    broker::action::app_send send() {
        session().on_frame(frame_, node_.now(), out);
        return take();
    }
    // The one action there is.
    broker::action::app_send take() {
        REQUIRE(out.size() == 1);
        auto const sent = std::get<broker::action::app_send>(out[0]);
        out.clear();
        return sent;
    }
    void flow(broker::action::app_send const& sent, broker::app_flow how) {
        session().on_app_flow(sent, how, out);
    }
    void done(broker::action::app_send const& sent) {
        session().on_app_done(sent.ticket, {}, node_.now(), out);
    }
    broker::session& session() { return node_.session(); }

    broker::actions out;

private:
    node_stub node_;
    stomp::header_view headers_[1] = {{"destination", "/app/x"}};
    stomp::frame frame_{.command = stomp::command::send, .headers = headers_};
};

void check_refused(node_stub& node, std::string const& frame, std::string const& reason,
                   std::string const& words) {
    node.receive(frame);
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(out[0].starts_with("ERROR\n"));
    CHECK(has_line(out[0], "receipt-id:1"));
    CHECK_MESSAGE(out[0].find(words) != std::string::npos, out[0]);
    CHECK(out[0].find("(frame 2).") != std::string::npos);
    CHECK(out[1] == "(close " + reason + ")");
    CHECK(node.published.empty());
    CHECK(node.published_to_users.empty());
    CHECK(node.app_sends.empty());
}

std::string send_to(std::string const& destination, std::string const& more = "") {
    return "SEND\ndestination:" + destination + "\nreceipt:1\n" + more + "\nx^@";
}

TEST_CASE("a SEND that the rules do not allow is refused") {
    node_stub node;
    node.connect();
    SUBCASE("to a closed topic") {
        check_refused(node, send_to("/topic/closed"), "access_denied", "'/topic/closed'");
    }
    SUBCASE("to a room, past the application") {
        check_refused(node, send_to("/topic/chatroom/1"), "access_denied", "through /app");
    }
    SUBCASE("to a user") {
        check_refused(node, send_to("/user/bob/queue/x"), "access_denied", "access rules");
    }
    SUBCASE("to the own queue of somebody without a name") {
        check_refused(node, send_to("/user/queue/x"), "access_denied", "no user");
    }
}

TEST_CASE("nobody may SEND to a room past the application, not even with every right") {
    server_role test;
    check_refused(test.node, send_to("/topic/chatroom/1"), "access_denied", "through /app");
}

TEST_CASE("a SEND to what is no destination is refused by name") {
    node_stub node;
    node.connect();
    SUBCASE("unknown") {
        check_refused(node, send_to("/exchange/x"), "protocol_error",
                      "'/exchange/x': the destination is none of the known kinds: /app, /queue, "
                      "/topic, /user");
    }
    SUBCASE("a work queue") {
        check_refused(node, send_to("/queue/x"), "protocol_error", "not supported by this node");
    }
    SUBCASE("a pattern") {
        check_refused(node, send_to("/topic/open/*"), "protocol_error", "wildcards");
    }
    SUBCASE("empty") {
        check_refused(node, send_to(""), "protocol_error", "none of the known");
    }
    SUBCASE("very long: shortened in the answer") {
        auto const name = "/topic/open/" + std::string(2000, 'x');
        check_refused(node, send_to(name), "protocol_error", "xxx...'");
    }
}

TEST_CASE("a client may not give a message its id") {
    node_stub node;
    node.connect();
    check_refused(node, send_to("/topic/open/a", "message-id:7\n"), "protocol_error",
                  "'message-id'");
}

TEST_CASE("a published message has an id of its own and the user's headers in their order") {
    node_stub node;
    node.connect();
    node.receive(
        "SEND\ndestination:/topic/open/a\nb:1\nseq:99\na:2\nb:3\ncontent-type:text/plain\n"
        "receipt:1\nsubscription:x\nack:y\nAuthorization:secret\n\nhello^@");
    node.receive("SEND\ndestination:/topic/open/a\n\n^@");

    REQUIRE(node.published.size() == 2);
    CHECK(visible(node.published[0]->tail(stomp::version::v1_2)) ==
          "message-id:s1-1\ndestination:/topic/open/a\nb:1\na:2\nb:3\ncontent-type:text/plain\n"
          "content-length:5\n\nhello^@");
    CHECK(node.published[0]->seq() == 0);
    CHECK(node.published[1]->id() == "s1-2");
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:1\n\n^@"});
}

TEST_CASE("an empty receipt id is a receipt id") {
    node_stub node;
    node.connect();
    node.receive("SEND\ndestination:/topic/open/a\nreceipt:\n\n^@");
    CHECK(node.take_one() == "RECEIPT\nreceipt-id:\n\n^@");
}

TEST_CASE("receipt ids travel escaped") {
    node_stub node;
    node.connect();
    node.receive("SEND\ndestination:/topic/open/a\nreceipt:a\\cb\\n\n\n^@");
    CHECK(node.take_one() == "RECEIPT\nreceipt-id:a\\cb\\n\n\n^@");
}

TEST_CASE("who may do so sends to users by name") {
    server_role test;
    auto& node = test.node;
    node.receive(send_to("/user/a%2Fb/queue/notifications"));
    node.receive(send_to("/user/queue/messages"));

    REQUIRE(node.published_to_users.size() == 2);
    CHECK(node.published_to_users[0].user == "a/b");
    CHECK(node.published_to_users[0].queue == "/queue/notifications");
    CHECK(node.published_to_users[0].message->destination() == "/user/queue/notifications");
    CHECK(node.published_to_users[1].user == "backend");
}

TEST_CASE("a body that is not UTF-8 is kept, and its message known to be binary") {
    node_stub node;
    node.connect();
    node.receive("SEND\ndestination:/topic/open/a\ncontent-length:4\n\n\xFF^@\xFEx^@");
    REQUIRE(node.published.size() == 1);
    CHECK(node.published[0]->binary());
    CHECK(node.published[0]->body() == std::string_view("\xFF\0\xFEx", 4));
}

// ------------------------------------------------------------------------------------ app sends

TEST_CASE("app sends go on at once, and their receipts keep the order of the frames") {
    node_stub node;
    node.connect();
    for (auto const* n : {"1", "2", "3"}) {
        node.receive(std::string("SEND\ndestination:/app/slow\nreceipt:") + n + "\n\nx^@");
    }
    REQUIRE(node.held.size() == 3);
    CHECK_FALSE(node.session().suspended());

    node.app_done(2);
    node.app_done(1);
    CHECK(node.take().empty());
    node.app_done(0);
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:1\n\n^@", "RECEIPT\nreceipt-id:2\n\n^@",
                               "RECEIPT\nreceipt-id:3\n\n^@"});
}

TEST_CASE("a barrier holds back every frame behind it") {
    node_stub node;
    node.connect();
    node.receive(
        "SEND\ndestination:/app/barrier\nreceipt:1\n\nx^@"
        "SEND\ndestination:/topic/open/a\nreceipt:2\n\nx^@");
    CHECK(node.session().suspended());
    CHECK(node.published.empty());
    node.app_done();
    CHECK_FALSE(node.session().suspended());
    CHECK(node.published.size() == 1);
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:1\n\n^@", "RECEIPT\nreceipt-id:2\n\n^@"});
}

TEST_CASE("a barrier that is done, though an earlier app send is not, bars no more") {
    node_stub node;
    node.connect();
    node.receive(
        "SEND\ndestination:/app/slow\n\nx^@SEND\ndestination:/app/barrier\nreceipt:1\n\nx^@");
    node.app_done(1);
    CHECK_FALSE(node.session().suspended());
    CHECK(node.take().empty());
    node.app_done(0);
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:1\n\n^@"});
}

TEST_CASE("a barrier that was done before it was known bars nothing") {
    by_hand test;
    auto const sent = test.send();
    test.done(sent);
    test.flow(sent, broker::app_flow::barrier);
    CHECK_FALSE(test.session().suspended());
}

TEST_CASE("an app send that must come after others begins when all of them are done") {
    node_stub node;
    node.connect();
    node.receive(
        "SEND\ndestination:/app/slow\nreceipt:1\n\none^@SEND\ndestination:/app/slow\n\ntwo^@"
        "SEND\ndestination:/app/alone\nreceipt:3\n\nthree^@"
        "SEND\ndestination:/app/quick\nreceipt:4\n\nfour^@");
    CHECK(node.session().suspended());
    node.app_done(1);
    CHECK(node.held.size() == 1);
    node.app_done(0);
    REQUIRE(node.held.size() == 1);
    CHECK(node.held[0].body == "three");
    CHECK(node.session().suspended());
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:1\n\n^@"});
    node.app_done();
    CHECK_FALSE(node.session().suspended());
    CHECK(node.app_sends == texts{"/app/slow", "/app/slow", "/app/alone", "/app/quick"});
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:3\n\n^@", "RECEIPT\nreceipt-id:4\n\n^@"});
}

TEST_CASE("an app send that must come after others waits for nothing where there are none") {
    node_stub node;
    node.connect();
    node.receive("SEND\ndestination:/app/alone\n\nx^@");
    CHECK(node.held.size() == 1);
}

TEST_CASE("an app send that waited for others may let the next frames by") {
    by_hand test;
    auto const first = test.send();
    CHECK_FALSE(first.behind_others);
    test.flow(first, broker::app_flow::pipelined);
    auto const second = test.send();
    CHECK(second.behind_others);
    test.flow(second, broker::app_flow::after_others);
    CHECK(test.out.empty());
    CHECK(test.session().suspended());
    test.done(first);
    auto const again = test.take();
    CHECK(again.ticket == second.ticket);
    CHECK_FALSE(again.behind_others);
    test.flow(again, broker::app_flow::pipelined);
    CHECK_FALSE(test.session().suspended());
}

TEST_CASE("what waited for others and is done before its flow is known bars the next until then") {
    by_hand test;
    auto const first = test.send();
    test.flow(first, broker::app_flow::pipelined);
    test.flow(test.send(), broker::app_flow::after_others);
    test.done(first);
    auto const again = test.take();
    test.done(again);
    CHECK(test.session().suspended());
    CHECK(test.out.empty());
    auto flow = broker::app_flow::pipelined;
    SUBCASE("pipelined") {}
    SUBCASE("a barrier") {
        flow = broker::app_flow::barrier;
    }
    test.flow(again, flow);
    CHECK_FALSE(test.session().suspended());
}

TEST_CASE("an application that has a SEND wait for others where there are none is told") {
    by_hand test;
    auto const only = test.send();
    CHECK_THROWS_WITH_AS(test.flow(only, broker::app_flow::after_others),
                         "a SEND to '/app/x' was to wait for others, and there are none before it",
                         std::logic_error);
}

TEST_CASE("what waited for others is not begun in a session that ended meanwhile") {
    node_stub node;
    node.connect();
    node.receive(
        "SEND\ndestination:/app/slow\nreceipt:1\n\nx^@SEND\ndestination:/app/alone\n\nx^@");
    node.app_done(0, broker::app_error{"not_a_member", "You are no member of room 1."});
    CHECK(node.session().closed());
    CHECK(node.app_sends == texts{"/app/slow"});
}

TEST_CASE("with too many app sends under way the session takes no frame") {
    node_options options;
    options.limits.max_app_sends_in_flight = 3;
    node_stub node(options);
    node.connect();
    std::string frames;
    for (int i = 0; i < 5; ++i) frames += "SEND\ndestination:/app/slow\n\nx^@";
    node.receive(frames);
    CHECK(node.held.size() == 3);
    CHECK(node.session().suspended());
    node.app_done();
    CHECK(node.held.size() == 3);
    node.app_done();
    node.app_done();
    CHECK(node.held.size() == 2);
    CHECK_FALSE(node.session().suspended());
}

TEST_CASE("receipts that wait behind an app send are bounded, too") {
    node_options options;
    options.limits.max_app_sends_in_flight = 4;
    node_stub node(options);
    node.connect();
    node.receive("SEND\ndestination:/app/slow\n\nx^@");
    std::string frames;
    for (int i = 0; i < 10; ++i) frames += "SEND\ndestination:/topic/open/a\nreceipt:r\n\nx^@";
    node.receive(frames);
    CHECK(node.published.size() == 3);
    CHECK(node.session().suspended());
    node.app_done();
    CHECK(node.published.size() == 10);
    CHECK(node.take().size() == 10);
}

TEST_CASE("a refused app send is told on the errors queue, and gets no receipt") {
    node_stub node;
    node.connect();
    auto const* destination = "/user/queue/errors";
    SUBCASE("of the caller") {}
    SUBCASE("of the session by its id") {
        destination = "/user/s1/queue/errors";
    }
    node.receive(std::string("SUBSCRIBE\nid:e\ndestination:") + destination + "\n\n^@");
    node.receive(
        "SEND\ndestination:/app/fail.now\nreceipt:\"1\"\nidempotency-key:k\n\nx^@"
        "SEND\ndestination:/app/ok\nreceipt:2\n\nx^@");

    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "subscription:e"));
    CHECK(has_line(out[0], "destination:/user/queue/errors"));
    CHECK(has_line(out[0], "content-type:application/json"));
    CHECK(out[0].ends_with(
        R"({"code":"not_a_member","reason":"You are no member of room 1.",)"
        R"("destination":"/app/fail.now","receipt":"\"1\"","idempotencyKey":"k"}^@)"));
    CHECK(out[1] == "RECEIPT\nreceipt-id:2\n\n^@");
}

TEST_CASE("errors are told in acknowledged subscriptions, too") {
    node_stub node;
    node.connect();
    node.receive("SUBSCRIBE\nid:e\ndestination:/user/queue/errors\nack:client\n\n^@");
    node.receive("SEND\ndestination:/app/fail\n\nx^@");
    CHECK(has_line(node.take_one(), "ack:1.1"));
    node.receive("ACK\nid:1.1\nreceipt:a\n\n^@");
    CHECK(node.take_one() == "RECEIPT\nreceipt-id:a\n\n^@");
}

TEST_CASE("without an errors queue a refused app send ends the session in its turn") {
    node_stub node;
    node.connect();
    node.receive(
        "SEND\ndestination:/app/slow\nreceipt:1\n\nx^@"
        "SEND\ndestination:/app/slow\nreceipt:2\n\nx^@"
        "SEND\ndestination:/app/slow\nreceipt:3\n\nx^@");
    node.app_done(1, broker::app_error{"store_unavailable", "The store is away."});
    CHECK(node.take().empty());
    node.app_done(0);
    auto const out = node.take();
    REQUIRE(out.size() == 3);
    CHECK(out[0] == "RECEIPT\nreceipt-id:1\n\n^@");
    CHECK(has_line(out[1], "receipt-id:2"));
    CHECK(has_line(out[1], "code:store_unavailable"));
    CHECK(out[1].find("'/app/slow': The store is away.") != std::string::npos);
    CHECK(out[2] == "(close internal_error)");
    node.app_done(0);
    CHECK(node.take().empty());
}

TEST_CASE("who wants no receipt and has no errors queue is not told of a refusal") {
    node_stub node;
    node.connect();
    node.receive("SEND\ndestination:/app/fail\n\nx^@SEND\ndestination:/app/ok\nreceipt:2\n\nx^@");
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:2\n\n^@"});
}

TEST_CASE("an outcome that comes twice counts once") {
    node_stub node;
    node.connect();
    node.receive("SEND\ndestination:/app/slow\n\nx^@SEND\ndestination:/app/slow\nreceipt:2\n\nx^@");
    auto const ticket = node.held[0].ticket;
    broker::actions out;
    node.session().on_app_done(ticket, {}, node.now(), out);
    node.session().on_app_done(ticket, broker::app_error{"x", "y"}, node.now(), out);
    node.session().on_app_done(static_cast<broker::app_ticket>(99), {}, node.now(), out);
    CHECK(out.empty());
}

TEST_CASE("a frame fed to a suspended session is a mistake of the edge") {
    node_stub node;
    node.connect();
    node.receive("SEND\ndestination:/app/barrier\n\nx^@");
    broker::actions out;
    stomp::frame const frame{.command = stomp::command::disconnect};
    CHECK_THROWS_AS(node.session().on_frame(frame, node.now(), out), std::logic_error);
}

}  // namespace
