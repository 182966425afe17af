#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>

namespace {

using namespace test;
using texts = std::vector<std::string>;

std::string subscribe(std::string const& id, std::string const& destination,
                      std::string const& more = "") {
    return "SUBSCRIBE\nid:" + id + "\ndestination:" + destination + "\nreceipt:1\n" + more + "\n^@";
}

void check_no_subscription(node_stub& node, std::string const& frame, std::string const& reason,
                           std::string const& words) {
    node.take();
    node.receive(frame);
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "receipt-id:1"));
    CHECK_MESSAGE(out[0].find(words) != std::string::npos, out[0]);
    CHECK(out[1] == "(close " + reason + ")");
}

TEST_CASE("the RECEIPT of a SUBSCRIBE comes when it is live, and no frame is taken before") {
    node_stub node;
    node.connect();
    node.receive(subscribe("0", "/topic/chatroom/1", "x-last-seq:17\n") +
                 "SEND\ndestination:/topic/open/a\nreceipt:2\n\nx^@");
    CHECK(node.opened == texts{"/topic/chatroom/1@17"});
    CHECK(node.session().suspended());
    CHECK(node.take().empty());

    node.publish(
        {.destination = "/topic/chatroom/1", .id = "m", .headers = {}, .body = "replayed"});
    CHECK(node.take().size() == 1);

    node.subscribed();
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:1\n\n^@", "RECEIPT\nreceipt-id:2\n\n^@"});
    CHECK_FALSE(node.session().suspended());
}

TEST_CASE("the RECEIPT of a SUBSCRIBE waits for the app sends before it") {
    node_stub node;
    node.connect();
    node.receive("SEND\ndestination:/app/slow\nreceipt:0\n\nx^@" + subscribe("0", "/topic/open/a"));
    CHECK(node.take().empty());
    node.app_done();
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:0\n\n^@", "RECEIPT\nreceipt-id:1\n\n^@"});
}

TEST_CASE("every refused SUBSCRIBE gets an ERROR with its receipt and the close") {
    node_stub node;
    node.connect("1.2", "login:alice\npasscode:secret\n");
    SUBCASE("by rule") {
        check_no_subscription(node, subscribe("0", "/topic/closed"), "access_denied",
                              "'/topic/closed'");
    }
    SUBCASE("a pattern that no rule speaks of") {
        check_no_subscription(node, subscribe("0", "/topic/**"), "access_denied", "access rules");
    }
    SUBCASE("a pattern that would cover rooms") {
        check_no_subscription(node, subscribe("0", "/topic/chatroom/*"), "access_denied",
                              "access rules");
    }
    SUBCASE("another user's queue") {
        check_no_subscription(node, subscribe("0", "/user/bob/queue/messages"), "access_denied",
                              "another user");
    }
    SUBCASE("the application") {
        check_no_subscription(node, subscribe("0", "/app/x"), "protocol_error", "SEND only");
    }
    SUBCASE("a work queue") {
        check_no_subscription(node, subscribe("0", "/queue/x"), "protocol_error", "not supported");
    }
    SUBCASE("a destination that is none") {
        check_no_subscription(node, subscribe("0", "/topic/a//b"), "protocol_error", "empty level");
    }
    SUBCASE("by the owner of the room") {
        node.receive(subscribe("0", "/topic/chatroom/1"));
        node.subscribed(broker::topic_refusal{"not_a_member", "You are no member of room 1."});
        auto const out = node.take();
        REQUIRE(out.size() == 2);
        CHECK(has_line(out[0], "receipt-id:1"));
        CHECK(has_line(out[0], "code:not_a_member"));
        CHECK(out[1] == "(close access_denied)");
    }
    SUBCASE("because the store is away: another try may do better") {
        node.receive(subscribe("0", "/topic/chatroom/1"));
        node.subscribed(broker::topic_refusal{"store_unavailable", "The store is away."});
        CHECK(node.take().back() == "(close internal_error)");
    }
}

TEST_CASE("headers of SUBSCRIBE that make no sense are refused") {
    node_options options;
    options.limits.max_id_bytes = 8;
    options.limits.max_subscriptions = 2;
    node_stub node(options);
    node.connect();
    SUBCASE("ack") {
        check_no_subscription(node, subscribe("0", "/topic/open/a", "ack:maybe\n"),
                              "protocol_error", "'maybe'");
    }
    SUBCASE("x-last-seq") {
        for (auto const* seq : {"-1", "1.5", "x", "", " 1", "18446744073709551616"}) {
            node_stub each;
            each.connect();
            check_no_subscription(
                each, subscribe("0", "/topic/chatroom/1", std::string("x-last-seq:") + seq + "\n"),
                "protocol_error", "'x-last-seq'");
        }
    }
    SUBCASE("an id in use") {
        node.receive(subscribe("0", "/topic/open/a"));
        check_no_subscription(node, subscribe("0", "/topic/open/b"), "protocol_error",
                              "'0' already");
    }
    SUBCASE("an id too long") {
        check_no_subscription(node, subscribe("123456789", "/topic/open/b"), "protocol_error",
                              "8 bytes");
    }
    SUBCASE("no id") {
        check_no_subscription(node, "SUBSCRIBE\ndestination:/topic/open/a\nreceipt:1\n\n^@",
                              "protocol_error", "'id'");
    }
    SUBCASE("one subscription too many") {
        node.receive(subscribe("0", "/topic/open/a"));
        node.receive(subscribe("1", "/topic/open/a"));
        check_no_subscription(node, subscribe("2", "/topic/open/a"), "protocol_error",
                              "2 subscriptions");
    }
    CHECK(node.session().subscriptions().size() <= 2);
}

TEST_CASE("a user's queue is the caller's own, however it is named") {
    node_options options;
    node_stub node(options);
    node.authenticate = [](broker::credentials const&) {
        auto made = std::make_shared<broker::principal>();
        made->name = "a/b";
        made->user_id = 123;
        return broker::auth_outcome(broker::principal_ptr(made));
    };
    node.connect();
    auto number = 0;
    for (auto const* destination : {"/user/queue/messages", "/user/a%2Fb/queue/errors",
                                    "/user/123/queue/notifications", "/user/s1/queue/anything"}) {
        node.receive(subscribe(std::to_string(number++), destination));
        CHECK(node.take_one() == "RECEIPT\nreceipt-id:1\n\n^@");
    }
    CHECK(node.session().subscriptions().size() == 4);
    for (auto const& s : node.session().subscriptions()) {
        CHECK(s.source() == broker::subscription_source::user_queue);
        CHECK(s.queue().starts_with("/queue/"));
    }
    check_no_subscription(node, subscribe("9", "/user/124/queue/errors"), "access_denied",
                          "another user");
}

TEST_CASE("the kinds of subscriptions are told apart") {
    node_stub node;
    node.authenticate = [](broker::credentials const&) { return make_principal("s", {"server"}); };
    node.connect();
    node.receive(subscribe("0", "/topic/a"));
    node.receive(subscribe("1", "/topic/a/*"));
    node.receive(subscribe("2", "/user/queue/x"));
    node.receive(subscribe("3", "/topic/chatroom/1"));
    std::vector<broker::subscription_source> kinds;
    for (auto const& s : node.session().subscriptions()) kinds.push_back(s.source());
    using enum broker::subscription_source;
    CHECK(kinds == std::vector{topic, topic_pattern, user_queue, sequenced_topic});
}

TEST_CASE("UNSUBSCRIBE ends a subscription, and its id is free again") {
    node_stub node;
    node.connect();
    for (int i = 0; i < 3; ++i) {
        node.receive(subscribe("0", "/topic/open/a"));
        node.receive("UNSUBSCRIBE\nid:0\nreceipt:2\n\n^@");
    }
    CHECK(node.ended == texts{"/topic/open/a", "/topic/open/a", "/topic/open/a"});
    CHECK(node.take().size() == 6);
    CHECK(node.session().subscriptions().empty());

    check_no_subscription(node, "UNSUBSCRIBE\nid:0\nreceipt:1\n\n^@", "protocol_error", "'0'");
}

TEST_CASE("in 1.0 a subscription without an id goes by its destination") {
    node_stub node;
    node.connect("1.0");
    node.receive("SUBSCRIBE\ndestination:/topic/open/a\n\n^@");
    node.receive("SUBSCRIBE\nid:x\ndestination:/topic/open/a\n\n^@");
    node.receive("SUBSCRIBE\ndestination:/topic/open/b\n\n^@");
    CHECK(node.session().subscriptions().size() == 3);
    node.receive("UNSUBSCRIBE\ndestination:/topic/open/a\n\n^@");
    CHECK(node.session().subscriptions().size() == 2);
    CHECK(node.session().subscriptions().begin()->id() == "x");
    node.receive("UNSUBSCRIBE\ndestination:/topic/open/a\n\n^@");
    CHECK(node.session().subscriptions().size() == 1);

    check_no_subscription(node, "SUBSCRIBE\ndestination:/topic/open/b\nreceipt:1\n\n^@",
                          "protocol_error", "'/topic/open/b' already");
}

TEST_CASE("in 1.0 UNSUBSCRIBE needs an id or a destination") {
    node_stub node;
    node.connect("1.0");
    node.receive("UNSUBSCRIBE\nreceipt:1\n\n^@");
    CHECK(node.take().back() == "(close protocol_error)");
}

TEST_CASE("a subscription that the node ends is told on the errors queue and gone") {
    node_stub node;
    node.connect();
    node.receive(subscribe("0", "/topic/open/a"));
    node.receive(subscribe("e", "/user/queue/errors"));
    node.take();

    node.end_subscription("0", {"access_ended", "You were removed from the room."});

    auto const told = node.take_one();
    CHECK(has_line(told, "subscription:e"));
    CHECK(told.ends_with(R"({"code":"access_ended","reason":"You were removed from the room.",)"
                         R"("destination":"/topic/open/a"}^@)"));
    CHECK(node.ended == texts{"/topic/open/a"});
    node.receive("SEND\ndestination:/topic/open/a\n\nx^@");
    CHECK(node.take().empty());

    SUBCASE("the client's own UNSUBSCRIBE is no surprise") {
        node.receive("UNSUBSCRIBE\nid:0\nreceipt:u\n\n^@");
        CHECK(node.take_one() == "RECEIPT\nreceipt-id:u\n\n^@");
        CHECK(node.ended.size() == 1);
        CHECK(node.session().subscriptions().size() == 1);
    }
    SUBCASE("the client may subscribe again under the id") {
        node.receive(subscribe("0", "/topic/open/a"));
        node.receive("SEND\ndestination:/topic/open/a\n\nx^@");
        CHECK(node.take().size() == 2);
    }
    SUBCASE("it ends once") {
        node.end_subscription("0", {"access_ended", "Again."});
        CHECK(node.take().empty());
    }
}

TEST_CASE("a subscription that the node ends while it is being opened is refused") {
    node_stub node;
    node.connect();
    node.receive(subscribe("0", "/topic/chatroom/1"));
    node.end_subscription("0", {"access_ended", "You were removed."});
    CHECK(node.take().back() == "(close access_denied)");
}

TEST_CASE("a queue of errors that was ended gets no errors") {
    node_stub node;
    node.connect();
    node.receive(subscribe("e", "/user/queue/errors"));
    node.take();
    node.end_subscription("e", {"ended", "By an operator."});
    CHECK(node.take().empty());
    node.receive("SEND\ndestination:/app/fail\n\nx^@");
    CHECK(node.take().empty());
}

TEST_CASE("an answer to no question changes nothing") {
    node_stub node;
    node.connect();
    node.receive(subscribe("0", "/topic/open/a"));
    node.take();
    node.subscribed(broker::topic_refusal{"late", "Too late."});
    node.authenticated(make_principal("mallory"));
    CHECK(node.take().empty());
    CHECK(node.session().connected());
    CHECK(node.session().caller()->anonymous());
}

TEST_CASE("frames come in their order whatever a batch holds") {
    node_stub node;
    node.connect();
    node.receive(subscribe("0", "/topic/open/a") + "SEND\ndestination:/topic/open/a\n\none^@" +
                 "UNSUBSCRIBE\nid:0\n\n^@" + "SEND\ndestination:/topic/open/a\n\ntwo^@" +
                 subscribe("0", "/topic/open/a") + "SEND\ndestination:/topic/open/a\n\nthree^@");
    auto const out = node.take();
    REQUIRE(out.size() == 4);
    CHECK(out[1].ends_with("one^@"));
    CHECK(out[3].ends_with("three^@"));
}

}  // namespace
