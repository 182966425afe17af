#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>

// Credentials that end, fresh ones on the open connection, and those that nobody could check.

namespace {

using namespace test;
using broker::auth_refusal;
using broker::credentials;
using texts = std::vector<std::string>;

struct with_expiry {
    explicit with_expiry(std::chrono::seconds lifetime) {
        auto const until = node.wall_now() + lifetime;
        node.authenticate = [this, until](credentials const&) { return answer(until); };
        node.connect("1.2", "Authorization:Bearer x\n");
    }
    static std::optional<broker::auth_outcome> answer(broker::wall_time until) {
        return make_principal("alice", {}, until);
    }
    node_stub node;
};

TEST_CASE("a session ends when its credentials expire") {
    with_expiry test(60s);
    auto& node = test.node;
    CHECK(node.session().next_deadline() == node.now() + 60s);
    node.pass(59s);
    CHECK(node.take().empty());
    node.pass(1s);
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "message:credentials expired"));
    CHECK(out[1] == "(close credentials_expired)");
}

TEST_CASE("a frame after the expiry is not carried out, even if the timer is late") {
    with_expiry test(60s);
    auto& node = test.node;
    std::string text = "x";
    stomp::header_view const headers[] = {{"destination", "/topic/open/a"}, {"receipt", "7"}};
    stomp::frame const send{.command = stomp::command::send, .headers = headers, .body = text};
    broker::actions out;
    node.session().on_frame(send, node.now() + 60s, out);
    REQUIRE(out.size() == 2);
    CHECK(std::get<broker::action::send_frame>(out[0]).bytes.find("receipt-id:7\n") !=
          std::string::npos);
    CHECK(std::get<broker::action::close>(out[1]).reason ==
          broker::close_reason::credentials_expired);
}

TEST_CASE("a clock set forward brings the expiry forward") {
    with_expiry test(3600s);
    auto& node = test.node;
    broker::actions out;
    node.session().on_time(node.now() + 1s, node.wall_now() + 3601s, out);
    CHECK(node.session().closed());
}

TEST_CASE("fresh credentials on the open connection move the expiry") {
    with_expiry test(60s);
    auto& node = test.node;
    node.authenticate = [&](credentials const&) -> std::optional<broker::auth_outcome> {
        return make_principal("alice", {"admin"}, node.wall_now() + 600s);
    };
    node.pass(50s);

    SUBCASE("in the Authorization header") {
        node.receive(
            "SEND\ndestination:/app/auth.refresh\nreceipt:1\nAuthorization:Bearer new\n\n^@");
        CHECK(node.asked.back().authorization == "Bearer new");
    }
    SUBCASE("as the body") {
        node.receive("SEND\ndestination:/app/auth.refresh\nreceipt:1\n\n new\n^@");
        CHECK(node.asked.back().authorization == "Bearer new");
    }

    CHECK(node.take_one() == "RECEIPT\nreceipt-id:1\n\n^@");
    CHECK(node.app_sends.empty());
    REQUIRE(node.callers.size() == 2);
    CHECK(node.callers.back()->has_role("admin"));
    node.pass(599s);
    CHECK(node.take().empty());
    node.pass(1s);
    CHECK(node.take().back() == "(close credentials_expired)");
}

TEST_CASE("a refresh waits for the authenticator, and the frames behind it wait for the refresh") {
    with_expiry test(60s);
    auto& node = test.node;
    node.authenticate = [](credentials const&) { return std::nullopt; };
    node.receive(
        "SEND\ndestination:/app/auth.refresh\nreceipt:1\n\nnew^@"
        "SEND\ndestination:/topic/open/a\nreceipt:2\n\nx^@");
    CHECK(node.session().suspended());
    CHECK(node.published.empty());
    node.authenticated(make_principal("alice"));
    CHECK(node.take() == texts{"RECEIPT\nreceipt-id:1\n\n^@", "RECEIPT\nreceipt-id:2\n\n^@"});
    CHECK(node.session().next_deadline() == broker::steady_time::max());
}

TEST_CASE("a refresh with bad credentials, another's, expired or none ends the session") {
    with_expiry test(60s);
    auto& node = test.node;
    auto refresh = std::string("SEND\ndestination:/app/auth.refresh\nreceipt:1\n\nnew^@");
    auto reason = std::string("(close credentials_refused)");
    auto words = std::string("code:token_invalid");
    SUBCASE("bad") {
        node.authenticate = [](credentials const&) {
            return auth_refusal{"token_invalid", "The signature is wrong."};
        };
    }
    SUBCASE("another's") {
        node.authenticate = [](credentials const&) { return make_principal("mallory"); };
        words = "code:caller_changed";
    }
    SUBCASE("expired") {
        node.authenticate = [&](credentials const&) {
            return make_principal("alice", {}, node.wall_now());
        };
        reason = "(close credentials_expired)";
        words = "code:token_expired";
    }
    SUBCASE("none") {
        refresh = "SEND\ndestination:/app/auth.refresh\nreceipt:1\n\n^@";
        reason = "(close protocol_error)";
        words = "code:credentials_missing";
    }
    node.receive(refresh);
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "receipt-id:1"));
    CHECK(has_line(out[0], words));
    CHECK(out[1] == reason);
}

TEST_CASE("a refresh that nobody could check leaves the session what it has") {
    with_expiry test(60s);
    auto& node = test.node;
    node.authenticate = [](credentials const&) {
        return auth_refusal{"auth_unavailable", "The keys are away.", 5s};
    };
    auto const refresh = std::string("SEND\ndestination:/app/auth.refresh\n");
    SUBCASE("told on the errors queue, and no RECEIPT") {
        node.receive("SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n^@");
        node.take();
        node.receive(refresh + "receipt:1\n\nnew^@");
        auto const told = node.take_one();
        CHECK(has_line(told, "subscription:e"));
        CHECK(told.find(R"({"code":"auth_unavailable","reason":"The keys are away.",)"
                        R"("destination":"/app/auth.refresh","receipt":"1"})") !=
              std::string::npos);
    }
    SUBCASE("with nobody to tell") {
        node.receive(refresh + "\nnew^@");
        CHECK(node.take().empty());
    }
    CHECK_FALSE(node.session().suspended());
    node.authenticate = [](credentials const&) { return make_principal("alice"); };
    node.receive(refresh + "receipt:2\n\nnew^@");
    CHECK(node.take_one() == "RECEIPT\nreceipt-id:2\n\n^@");
    CHECK(node.session().next_deadline() == broker::steady_time::max());
}

TEST_CASE("a refresh that nobody could check ends a session that waits for its RECEIPT") {
    with_expiry test(60s);
    auto& node = test.node;
    node.authenticate = [](credentials const&) {
        return auth_refusal{"auth_unavailable", "The keys are away.", 5s};
    };
    node.receive("SEND\ndestination:/app/auth.refresh\nreceipt:1\n\nnew^@");
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "receipt-id:1"));
    CHECK(has_line(out[0], "code:auth_unavailable"));
    CHECK(has_line(out[0], "retry-after:5000"));
    CHECK(out[1] == "(close internal_error)");
}

TEST_CASE("credentials that nobody could check are not refused for good") {
    node_stub node;
    auto reason = std::string("(close internal_error)");
    auth_refusal refused{"auth_unavailable", "The keys are away.", 5s};
    SUBCASE("without the keys") {}
    SUBCASE("with too many before them") {
        refused.code = "too_many_logins";
        reason = "(close rate_limited)";
    }
    node.authenticate = [&](credentials const&) { return refused; };
    node.receive("CONNECT\naccept-version:1.2\nlogin:a\npasscode:b\n\n^@");
    auto const out = node.take();
    REQUIRE(out.size() == 2);
    CHECK(has_line(out[0], "code:" + refused.code));
    CHECK(has_line(out[0], "retry-after:5000"));
    CHECK(out[1] == reason);
}

}  // namespace
