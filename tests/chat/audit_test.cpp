#include "chat/audit_retention.hpp"
#include "chat/limits.hpp"
#include "support.hpp"

#include <doctest/doctest.h>
#include <future>
#include <limits>

// What comes into the audit log, and who may read it.

using namespace chat;
using namespace chat_tests;
using texts = std::vector<std::string>;

namespace {

// The entries as "action actor>user room {details}", oldest first.
texts log_of(chat_node& node) {
    std::vector<audit_entry> found;
    node.with_unit([&](unit_of_work& unit) {
        found = unit.read_audit({}, std::numeric_limits<std::int64_t>::max(), 100);
    });
    texts lines;
    for (auto each = found.rbegin(); each != found.rend(); ++each) {
        auto const number = [](auto id) { return id ? std::to_string(id->value) : "-"; };
        auto actor = each->actor.user ? number(each->actor.user) : each->actor.name;
        if (actor.empty()) actor = "-";
        lines.push_back(each->action + " " + actor + ">" + number(each->user) + " " +
                        number(each->room) + " " + each->details);
    }
    return lines;
}

std::string code(answer const& told) {
    return std::to_string(told.status) + " " + told.at("/code");
}

}  // namespace

TEST_CASE("what somebody does for somebody else is audited, one's own affairs are not") {
    chat_node node({}, false);
    // One's own.
    node.rest("POST", "/api/chat/rooms", R"({"name":"own","nickname":"ann"})", bearer("1"));
    node.rest("POST", "/api/chat/rooms/1/join", R"({"nickname":"bob"})", bearer("2"));
    node.app("/app/chat.sendMessage", R"({"chatRoomId":1,"content":"x"})", verified(2));
    node.rest("POST", "/api/chat/rooms/1/leave", {}, bearer("2"));
    node.app("/app/chat.join", R"({"chatRoomId":1})", verified(2));
    node.app("/app/chat.leave", R"({"chatRoomId":1})", verified(2));
    CHECK(log_of(node).empty());

    // An owner adds somebody.
    auto const add = R"({"chatRoomId":1,"memberId":3,"nickname":"eve"})";
    CHECK(node.rest("POST", "/api/chat/rooms/member", add, bearer("1")).status == 201);
    texts expected{R"(member.add 1>3 1 {"nickname":"eve"})"};
    CHECK(log_of(node) == expected);

    // A back end makes a room for nobody, one for somebody, and has people join and leave.
    auto const service = bearer("service");
    node.rest("POST", "/api/chat/rooms", R"({"name":"all"})", service);
    node.rest("POST", "/api/channels", R"({"name":"hers","type":"PRIVATE","creatorId":4})",
              service);
    node.rest("POST", "/api/chat/rooms/2/join", R"({"userId":5,"nickname":"kim"})", service);
    node.rest("POST", "/api/chat/rooms/2/leave", R"({"userId":5,"content":"secret"})", service);
    expected.push_back(R"(room.create service>- 2 {"name":"all","type":"PUBLIC"})");
    expected.push_back(R"(room.create service>4 3 {"actingAs":4,"name":"hers","type":"PRIVATE"})");
    expected.push_back(R"(member.add service>5 2 {"actingAs":5,"nickname":"kim"})");
    expected.push_back(R"(member.remove service>5 2 {"actingAs":5})");
    CHECK(log_of(node) == expected);

    // The same over STOMP.
    auto const back_end = std::make_shared<broker::principal>(
        broker::principal{.name = "worker", .user_id = {}, .roles = {"service"}, .expires_at = {}});
    node.app("/app/chat.join", R"({"chatRoomId":2,"senderId":6})", back_end);
    node.app("/app/chat.leave", R"({"chatRoomId":2,"senderId":6})", back_end);
    expected.push_back(R"(member.add worker>6 2 {"actingAs":6,"nickname":"user 6"})");
    expected.push_back(R"(member.remove worker>6 2 {"actingAs":6})");
    CHECK(log_of(node) == expected);
}

TEST_CASE("a study's room and its members are audited once, when they come about") {
    chat_node node({}, false);
    auto const join = [&](int member) {
        return node.rest(
            "POST", "/api/chat/internal/rooms/member",
            R"({"studyId":7,"nickname":"n","memberId":)" + std::to_string(member) + "}",
            bearer("service"));
    };
    for (auto const member : {1, 2, 2}) join(member);
    CHECK(log_of(node) == texts{R"(room.create service>- 1 {"name":"Study 7","type":"PUBLIC"})",
                                R"(member.add service>1 1 {"nickname":"n"})",
                                R"(member.add service>2 1 {"nickname":"n"})"});
}

TEST_CASE("a broadcast is in the log before it is told, without its content") {
    chat_node node({}, false);
    node.with_unit([](unit_of_work& unit) { unit.remember_user(user_id(5), "kim"); });
    node.rest("POST", "/api/chat/rooms", R"({"name":"r"})", bearer("1"));
    auto const told = R"({"eventType":"all.service-check","eventId":"e1","text":"secret"})";
    CHECK(node.rest("POST", "/api/chat/internal/notifications", told, bearer("admin")).status ==
          202);
    CHECK(node.rest("POST", "/api/chat/internal/users/5/notifications",
                    R"({"eventType":"person.invited"})", bearer("service"))
              .status == 202);
    CHECK(node.rest("POST", "/api/chat/internal/rooms/1/notifications",
                    R"({"eventType":"channel.message.new"})", bearer("service"))
              .status == 202);
    texts const expected{
        R"(broadcast.all admin>- - {"eventType":"all.service-check","eventId":"e1"})",
        R"(broadcast.user service>5 - {"eventType":"person.invited"})",
        R"(broadcast.room service>- 1 {"eventType":"channel.message.new"})"};
    CHECK(log_of(node) == expected);
    CHECK(node.bus.take().size() == 3);

    // What is refused is not told and not in the log.
    CHECK(node.rest("POST", "/api/chat/internal/users/99/notifications",
                    R"({"eventType":"person.invited"})", bearer("service"))
              .status == 404);
    CHECK(node.rest("POST", "/api/chat/internal/notifications", told, bearer("1")).status == 403);
    CHECK(log_of(node) == expected);
    CHECK(node.bus.take().empty());
}

TEST_CASE("an action that is refused leaves no entry") {
    chat_node node({}, false);
    auto const service = bearer("service");
    auto const made = R"({"name":"r","studyId":7,"maxMembers":1})";
    CHECK(node.rest("POST", "/api/chat/rooms", made, service).status == 201);
    CHECK(node.rest("POST", "/api/chat/rooms", made, service).status == 409);
    auto const add = [&](int member) {
        return code(node.rest("POST", "/api/chat/rooms/member",
                              R"({"chatRoomId":1,"memberId":)" + std::to_string(member) + "}",
                              service));
    };
    CHECK(add(1) == "201 -");
    CHECK(add(1) == "409 already_a_member");
    CHECK(add(2) == "409 room_full");
    CHECK(code(node.rest("POST", "/api/chat/rooms/1/leave", R"({"userId":2})", service)) ==
          "403 not_a_member");
    CHECK(log_of(node) == texts{R"(room.create service>- 1 {"name":"r","type":"PUBLIC"})",
                                R"(member.add service>1 1 {"nickname":"user 1"})"});
}

TEST_CASE("in open mode the actor is whoever the request says") {
    chat_node node;
    node.rest("POST", "/api/chat/rooms", R"({"name":"own","creatorId":1})");
    node.rest("POST", "/api/chat/rooms/1/join", R"({"userId":2})");
    CHECK(log_of(node).empty());
    node.rest("POST", "/api/chat/rooms/member", R"({"chatRoomId":1,"memberId":3})",
              {{"X-User-Id", "1"}});
    node.rest("POST", "/api/chat/rooms/member", R"({"chatRoomId":1,"memberId":4})");
    CHECK(log_of(node) == texts{R"(member.add 1>3 1 {"nickname":"user 3"})",
                                R"(member.add ->4 1 {"nickname":"user 4"})"});
}

TEST_CASE("administrators read the log, and nobody else") {
    chat_node node;
    for (auto const& who : {headers{}, bearer("1"), bearer("service"), bearer("guest")})
        CHECK(code(node.rest("GET", "/api/chat/audit", {}, who)) == "403 forbidden");
    CHECK(node.rest("GET", "/api/chat/audit", {}, bearer("admin")).body ==
          R"({"entries":[],"nextCursor":null})");
    node.authenticator.open_mode = false;
    CHECK(code(node.rest("GET", "/api/chat/audit")) == "401 credentials_missing");
}

TEST_CASE("the log is read by pages and filters") {
    chat_node node({}, false);
    auto const service = bearer("service", {{"X-Request-Id", "req-1"}});
    node.rest("POST", "/api/chat/rooms", R"({"name":"a"})", service);
    for (auto const member : {1, 2, 3}) {
        node.rest("POST", "/api/chat/rooms/member",
                  R"({"chatRoomId":1,"memberId":)" + std::to_string(member) + "}",
                  bearer("service", {{"X-Request-Id", "not in one word"}}));
    }
    node.rest("POST", "/api/chat/internal/notifications", R"({"eventType":"all.biz-event"})",
              bearer("admin"));
    auto const read = [&](std::string const& query) {
        return node.rest("GET", "/api/chat/audit?" + query, {}, bearer("admin"));
    };
    auto const count = [&](std::string const& query) {
        auto const page = read(query);
        CHECK(page.status == 200);
        auto entries = 0;
        while (page.at("/entries/" + std::to_string(entries)) != "-") ++entries;
        return entries;
    };

    auto const oldest = read("action=room.create");
    CHECK(oldest.at("/entries/0/auditId") == "1");
    CHECK(oldest.at("/entries/0/at").size() == 24);
    CHECK(oldest.at("/entries/0/actor") ==
          R"({"userId":null,"name":"service","proof":"passcode"})");
    CHECK(oldest.at("/entries/0/action") == "room.create");
    CHECK(oldest.at("/entries/0/chatRoomId") == "1");
    CHECK(oldest.at("/entries/0/userId") == "null");
    CHECK(oldest.at("/entries/0/messageId") == "null");
    CHECK(oldest.at("/entries/0/details/name") == "a");
    CHECK(oldest.at("/entries/0/requestId") == "req-1");
    CHECK(read("affectedUserId=3").at("/entries/0/messageId") != "null");
    CHECK(read("affectedUserId=3").at("/entries/0/requestId").size() == 13);  // its own

    CHECK(count("") == 5);
    CHECK(count("action=member.add") == 3);
    CHECK(count("chatRoomId=1") == 4);
    CHECK(count("affectedUserId=2") == 1);
    CHECK(count("actorName=admin") == 1);
    CHECK(count("actorId=1") == 0);
    CHECK(count("from=2020-01-01&until=2999-12-31T23:59:59Z") == 5);
    CHECK(count("until=2020-01-01T00:00Z") == 0);
    CHECK(count("from=2999-01-01T00:00:00.000Z") == 0);
    CHECK(count("from=2020-01-01T00:00:00%2B09:00&until=2999-01-01T00:00:00.5-01:30") == 5);

    texts ids;
    std::string cursor;
    do {
        auto const page =
            read("limit=2&chatRoomId=1" + (cursor.empty() ? "" : "&cursor=" + cursor));
        for (auto const* place : {"/entries/0/auditId", "/entries/1/auditId"})
            ids.push_back(page.at(place));
        cursor = page.at("/nextCursor");
    } while (cursor != "null");
    CHECK(ids == texts{"4", "3", "2", "1"});
    auto const other = read("limit=1").at("/nextCursor");
    CHECK(code(read("chatRoomId=1&cursor=" + other)) == "400 bad_cursor");

    for (auto const* bad : {"action=x", "chatRoomId=0", "actorId=me", "from=yesterday",
                            "from=2025-02-30", "from=2025-01-01T10Z", "from=2025-01-01T10:00",
                            "until=2025-01-01T25:00Z", "until=2025-01-01T10:00:00%2B09",
                            "from=2025-1-1", "from=", "limit=0", "actorName=a%00", "actorName=%FF"})
        CHECK(code(read(bad)) == "400 bad_field");
}

TEST_CASE("names of any length are cut where a character ends") {
    std::string name(limits::audit_name_bytes - 1, 'x');
    auto const origin = origin_of(
        {.name = name + "홍길동", .user_id = {}, .roles = {}, .expires_at = {}}, std::nullopt);
    CHECK(origin.actor.name == name);
    CHECK(origin.actor.shown == proof::passcode);
    auto const token = origin_of(
        {.name = "t", .user_id = 4, .roles = {}, .expires_at = std::chrono::system_clock::now()},
        user_id(4));
    CHECK(token.actor.shown == proof::token);
    CHECK(token.is(user_id(4)));
    CHECK_FALSE(token.acting_as.has_value());
}

TEST_CASE("old entries are forgotten by themselves") {
    chat_node node;
    node.with_unit([](unit_of_work& unit) {
        for (std::size_t i = 0; i != audit_retention::entries_per_transaction + 1; ++i)
            unit.record({.action = audit_action::broadcast_all,
                         .origin = {},
                         .room = {},
                         .user = {},
                         .message = {},
                         .details = {}});
    });
    {
        audit_retention patient(node.store(), std::chrono::hours(1), [](std::size_t) {});
    }
    CHECK(log_of(node).size() == 100);

    std::size_t gone = 0;
    std::promise<void> all;
    // Whatever was written before this moment is old.
    audit_retention impatient(node.store(), std::chrono::milliseconds(-1000),
                              [&](std::size_t entries) {
                                  gone += entries;
                                  if (gone == audit_retention::entries_per_transaction + 1)
                                      all.set_value();
                              });
    CHECK(all.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    CHECK(log_of(node).empty());
}
