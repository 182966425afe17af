#include "rig.hpp"

// Sessions that do more than they may.

using namespace peer_test;

namespace {

using limiting::activity;

limiting::limits slow_sends(std::chrono::milliseconds longest_wait = 10s) {
    limiting::limits to;
    to.user(activity::send) = {.interval = 200ms, .burst = 2};
    to.longest_wait = longest_wait;
    return to;
}

std::string flood(int count) {
    std::string all;
    for (int i = 1; i <= count; ++i) all += client::send("/topic/a", std::to_string(i));
    return all;
}

bool has(std::string const& frame, std::string const& line) {
    return frame.find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

PEER_TEST("who sends beyond the burst is read on when the rate allows it, and loses nothing") {
    node on(slow_sends());
    client who(on);
    who.bytes(flood(5));
    // The third is there already: it is carried out, and those behind it wait.
    CHECK(on.events.bodies == texts{"1", "2", "3"});
    CHECK(who.link.paused);
    on.pass(300ms);
    CHECK(on.events.bodies == texts{"1", "2", "3", "4"});
    on.pass(200ms);
    CHECK(on.events.bodies == texts{"1", "2", "3", "4", "5"});
    CHECK(who.link.paused);
    on.pass(300ms);
    CHECK_FALSE(who.link.paused);
    CHECK_FALSE(who.link.closed);
    CHECK(on.limiter.counted(limiting::limited::send_slowed) == 3);
}

PEER_TEST("SENDs of a transaction are paid for when they come, and its COMMIT is free") {
    node on(slow_sends());
    client who(on);
    who.say("BEGIN\ntransaction:t\n\n");
    for (int i = 0; i != 3; ++i) who.bytes(client::send("/topic/a", "x", "transaction:t\n"));
    CHECK(who.link.paused);
    on.pass(400ms);
    CHECK_FALSE(who.link.paused);
    who.say("COMMIT\ntransaction:t\n\n");
    CHECK(on.events.bodies.size() == 3);
    CHECK_FALSE(who.link.paused);
}

PEER_TEST("what would have to wait too long is refused with an ERROR, and the session ends") {
    node on(slow_sends(100ms));
    client who(on);
    who.bytes(flood(2));
    who.link.frames.clear();
    who.bytes(client::send("/topic/a", "3", "receipt:r3\n"));
    CHECK(on.events.bodies == texts{"1", "2"});
    REQUIRE(who.link.frames.size() == 1);
    CHECK(who.link.frames[0].starts_with("ERROR\n"));
    CHECK(has(who.link.frames[0], "code:rate_limited"));
    CHECK(has(who.link.frames[0], "receipt-id:r3"));
    CHECK(has(who.link.frames[0], "retry-after:200"));
    CHECK(who.link.closed == close_reason::rate_limited);
}

PEER_TEST("a link whose answer is due is read on, up to the longest wait") {
    node on(slow_sends(500ms));
    client who(on);
    who.link.overdue = true;
    who.bytes(flood(4));
    CHECK_FALSE(who.link.paused);
    CHECK(on.events.bodies.size() == 4);
    CHECK_FALSE(who.link.closed);
    who.bytes(flood(1));
    CHECK(who.link.closed == close_reason::rate_limited);
}

PEER_TEST("the brake and the limits hold a session together, the longer one counts") {
    node on(slow_sends());
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    who.bytes(flood(2));
    CHECK(on.events.bodies == texts{"1"});
    on.pass(300ms);
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK(who.link.paused);
}

PEER_TEST("a session that waits for its limits is not missed for heart-beats that lie unread") {
    limiting::limits to;
    to.user(activity::send) = {.interval = 8s, .burst = 1};
    node on(to);
    client who(on);
    who.bytes(flood(3));
    on.pass(7s);
    CHECK(who.link.paused);
    CHECK_FALSE(who.link.closed);
}

PEER_TEST("a user's place among sessions is given back when the link is gone") {
    limiting::limits to;
    to.sessions_per_user = 1;
    node on(to);
    { client const first(on); }
    client const second(on);
    CHECK_FALSE(second.link.closed);
}
