#include "support.hpp"

#include "chat/identity.hpp"
#include "chat/outside/back_end_events.hpp"

#include <doctest/doctest.h>

using namespace chat;
using namespace chat_tests;
using kind = broker::inbound_verdict::kind;
using texts = std::vector<std::string>;

namespace {

std::string outcome(answer const& told) {
    auto const code = told.at("/code");
    return std::to_string(told.status) + (told.body.empty() ? "" : " " + code);
}

// This node alone.
class recording_node final : public broker::event_sink {
public:
    void on_events(std::vector<broker::bus_event> events) override {
        inner.publish(std::move(events));
    }
    recording_bus inner;
};

struct inward {
    recording_bus cluster;
    recording_node node;
    back_end_events events{cluster, node};

    // "ok", or the reason.
    std::string accept(std::string_view key, std::string_view body, bool local = false) {
        auto const verdict = events.accept(key, body, local);
        CHECK(verdict.is != kind::later);
        return verdict.is == kind::ok ? "ok" : verdict.reason;
    }
};

}  // namespace

TEST_CASE("a back end's event reaches everybody, one user, or a room's subscribers") {
    inward in;
    CHECK(in.accept("to.all",
                    R"({"version":1,"eventId":"e1","routing":{"type":"to.all"},)"
                    R"("message":{"eventType":"all.service-check","minutes":10}})") == "ok");
    CHECK(in.accept("to.user",
                    R"({"routing":{"type":"to.user","targetId":"7"},)"
                    R"("message":{"eventType":"person.invited","eventId":"e2","by":"ann"}})") ==
          "ok");
    CHECK(in.accept("to.channel",
                    R"({"routing":{"type":"to.channel","targetId":3},)"
                    R"("message":{"eventType":"channel.message.reaction","messageId":456}})") ==
          "ok");
    CHECK(in.cluster.take() ==
          texts{R"(everybody /queue/notifications {"type":"EVENT","eventType":"all.service-check",)"
                R"("eventId":"e1","message":{"eventType":"all.service-check","minutes":10}})",
                R"(user 7 /queue/notifications {"type":"EVENT","eventType":"person.invited",)"
                R"("eventId":"e2","message":{"eventType":"person.invited","eventId":"e2",)"
                R"("by":"ann"}})",
                R"(topic /topic/chatroom/3 {"chatRoomId":3,"messageType":"EVENT",)"
                R"("eventType":"channel.message.reaction","message":{)"
                R"("eventType":"channel.message.reaction","messageId":456}})"});
    CHECK(in.node.inner.take().empty());
}

TEST_CASE("an event in a room has no seq, and is not dropped for a slow reader") {
    inward in;
    in.accept("to.channel", R"({"routing":{"type":"to.channel","targetId":3},)"
                            R"("message":{"eventType":"channel.message.deleted"}})");
    auto const messages = in.cluster.messages();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0]->seq() == 0);
    CHECK_FALSE(messages[0]->ephemeral());
}

TEST_CASE("an event to a node's own key stays on the node") {
    inward in;
    CHECK(in.accept("chat.node-1",
                    R"({"routing":{"type":"to.all"},"message":{"eventType":"all.biz-event"}})",
                    true) == "ok");
    CHECK(in.cluster.take().empty());
    CHECK(in.node.inner.take().size() == 1);
}

TEST_CASE("a bad event is refused for good, with what is wrong in it") {
    inward in;
    auto const refused = [&](std::string_view body) { return in.accept("to.user", body); };
    CHECK(refused("").starts_with("The body is empty"));
    CHECK(refused("{").starts_with("The body is not valid JSON"));
    CHECK(refused("[]") == "The body is JSON, but not an object.");
    CHECK(refused(R"({"message":{"eventType":"person.invited"}})") ==
          "The field 'routing' is missing: it must be an object with type and targetId.");
    CHECK(refused(R"({"routing":{"type":"to.user","targetId":1}})") ==
          "The field 'message' is missing: it must be an object with eventType.");
    CHECK(refused(R"({"routing":{},"message":{}})") ==
          "The field 'routing.type' is missing: it must be one of to.all to.user to.channel.");
    CHECK(refused(R"({"routing":{"type":"to.me"},"message":{}})") ==
          "The field 'routing.type' must be one of to.all to.user to.channel.");
    CHECK(refused(R"({"routing":{"type":"to.user"},"message":{}})") ==
          "The field 'routing.targetId' is missing: it must be the number of a user or a channel.");
    CHECK(refused(R"({"routing":{"type":"to.user","targetId":0},"message":{}})") ==
          "The field 'routing.targetId' must be a whole number from 1 to 9223372036854775807.");
    CHECK(refused(R"({"routing":{"type":"to.user","targetId":1},"message":{}})")
              .starts_with("The field 'message.eventType' is missing: it must be one of"));
    CHECK(
        refused(
            R"({"routing":{"type":"to.user","targetId":1},"message":{"eventType":"all.biz-event"}})")
            .starts_with("The field 'message.eventType' must be one of channel.participant.join"));
    CHECK(refused(R"({"routing":{"type":"to.user","targetId":1},"message":{"eventType":7}})") ==
          "The field 'message.eventType' must be a string.");
    CHECK(refused(R"({"version":2,"routing":{"type":"to.all"},"message":{}})") ==
          "The field 'version' must be 1.");
    CHECK(refused(R"({"routing":{"type":"to.all"},"message":{"eventType":"all.biz-event"}})") ==
          "The field 'routing.type' is to.all, but the routing key is another one.");
    std::string const large(70'000, 'x');
    CHECK(refused(R"({"routing":{"type":"to.user","targetId":1},"message":{"x":")" + large +
                  "\"}}") == "The field 'message' must be an object of at most 65536 bytes.");
    CHECK(in.cluster.take().empty());
}

TEST_CASE("a back end tells everybody, a user or a room by REST") {
    chat_node node({}, false);
    node.with_unit([](unit_of_work& unit) {
        unit.remember_user(user_id(7), "seven");
        unit.create_room({.name = "x", .study = {}, .metadata = {}}).value();
    });
    for (auto const* who : {"service"}) {
        CHECK(outcome(node.rest("POST", "/api/chat/internal/notifications",
                                R"({"eventType":"all.new-feature","x":1})", bearer(who))) == "202");
        CHECK(outcome(node.rest("POST", "/api/chat/internal/users/7/notifications",
                                R"({"eventType":"person.payment"})", bearer(who))) == "202");
        CHECK(outcome(node.rest("POST", "/api/chat/internal/rooms/1/notifications",
                                R"({"eventType":"channel.message.deleted","eventId":"d"})",
                                bearer(who))) == "202");
    }
    CHECK(node.bus.take() ==
          texts{R"(everybody /queue/notifications {"type":"EVENT","eventType":"all.new-feature",)"
                R"("message":{"eventType":"all.new-feature","x":1}})",
                R"(user 7 /queue/notifications {"type":"EVENT","eventType":"person.payment",)"
                R"("message":{"eventType":"person.payment"}})",
                R"(topic /topic/chatroom/1 {"chatRoomId":1,"messageType":"EVENT",)"
                R"("eventType":"channel.message.deleted","eventId":"d",)"
                R"("message":{"eventType":"channel.message.deleted","eventId":"d"}})"});
}

TEST_CASE("only back ends and administrators tell users in the service's name") {
    chat_node node({}, false);
    auto const tell = [&](headers const& who) {
        return outcome(node.rest("POST", "/api/chat/internal/notifications",
                                 R"({"eventType":"all.biz-event"})", who));
    };
    CHECK(tell({}) == "401 credentials_missing");
    CHECK(tell(bearer("7")) == "403 forbidden");
    CHECK(tell(bearer("guest")) == "403 forbidden");
    CHECK(tell(bearer("service")) == "202");
    CHECK(may_tell(identity_of(*verified(7, {"admin"}))));
    CHECK_FALSE(may_tell(identity_of(*verified(7, {"editor"}))));

    chat_node open;
    CHECK(outcome(open.rest("POST", "/api/chat/internal/notifications",
                            R"({"eventType":"all.biz-event"})")) == "202");
}

TEST_CASE("what cannot be told by REST is refused with its reason") {
    chat_node node;
    auto const tell = [&](std::string_view where, std::string_view body) {
        return outcome(node.rest("POST", std::string("/api/chat/internal/").append(where), body));
    };
    auto constexpr payment = R"({"eventType":"person.payment"})";
    CHECK(tell("users/7/notifications", payment) == "404 no_such_user");
    CHECK(tell("users/x/notifications", payment) == "404 no_such_user");
    CHECK(tell("rooms/1/notifications", R"({"eventType":"channel.message.new"})") ==
          "404 no_such_room");
    CHECK(tell("rooms/1/notifications", payment) == "400 bad_field");
    CHECK(tell("notifications", payment) == "400 bad_field");
    CHECK(tell("notifications", "{}") == "400 bad_field");
    CHECK(tell("notifications", "[1]") == "400 bad_json");
    auto const answer = node.rest("POST", "/api/chat/internal/notifications", "{}");
    CHECK(answer.body.find("The field 'eventType' is missing: it must be one of") !=
          std::string::npos);
    CHECK(node.bus.take().empty());
}
