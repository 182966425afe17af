#include "rig.hpp"

#include <thread>

// Sessions whose node cannot bring on what they send.

using namespace peer_test;

PEER_TEST("without the brake SENDs go on as they come") {
    node on;
    client who(on);
    who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2"));
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK_FALSE(who.link.paused);
}

PEER_TEST("with the brake on a SEND goes at once, and those behind it one by one at the pace") {
    node on;
    on.brake.set(send_brake::reason::blocked, true);
    client who(on);
    who.bytes(client::send("/topic/a", "1", "receipt:r1\n") + client::send("/topic/a", "2"));
    CHECK(on.events.bodies == texts{"1"});
    CHECK(who.link.frames.size() == 1);  // its RECEIPT
    CHECK(who.link.paused);
    on.pass(100ms);
    CHECK(on.events.bodies.size() == 1);
}

PEER_TEST("each kind of SEND is slowed, and nothing is lost or changes its order") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::backlog, true);
    who.bytes(client::send("/topic/a", "1") + client::send("/user/8/queue/x", "2") +
              client::send("/app/chat", "3") + client::send("/topic/a", "4"));
    CHECK(on.events.bodies == texts{"1"});
    on.pass(pace + 100ms);
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK(on.chat.app_sends.empty());
    on.pass(100ms);
    CHECK(on.chat.app_sends == texts{"3"});
    CHECK(who.link.paused);
    on.pass(100ms);
    CHECK(on.events.bodies == texts{"1", "2", "4"});
    CHECK(who.link.paused);
    on.pass(100ms);
    CHECK_FALSE(who.link.paused);
    who.bytes(client::send("/topic/a", "5"));
    CHECK(on.events.bodies.back() == "5");
}

PEER_TEST("what cuts a frame in two does not matter to a slowed session") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    auto const two = client::send("/topic/a", "1") + client::send("/topic/a", "2");
    who.bytes(two.substr(0, two.size() - 5));
    on.pass(pace + 100ms);
    CHECK_FALSE(who.link.paused);
    who.bytes(two.substr(two.size() - 5));
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK(who.link.paused);
}

PEER_TEST("who sends nothing to the bus is not slowed") {
    node on;
    on.brake.set(send_brake::reason::blocked, true);
    client who(on);
    who.say("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n");
    who.say("UNSUBSCRIBE\nid:1\n\n");
    who.say("BEGIN\ntransaction:t\n\n");
    who.bytes(client::send("/topic/a", "1", "transaction:t\n"));
    CHECK_FALSE(who.link.paused);
    CHECK(on.events.bodies.empty());
}

PEER_TEST("a COMMIT is carried out whole and pays for its SENDs, for a bounded time") {
    node on;
    on.brake.set(send_brake::reason::blocked, true);
    client who(on);
    who.say("BEGIN\ntransaction:t\n\n");
    for (int i = 0; i != 100; ++i) who.bytes(client::send("/topic/a", "x", "transaction:t\n"));
    who.say("COMMIT\ntransaction:t\n\n");
    CHECK(on.events.bodies.size() == 100);
    CHECK(who.link.paused);
    on.pass(sender_pace::longest - 300ms);
    CHECK(who.link.paused);
    on.pass(500ms);
    CHECK_FALSE(who.link.paused);
}

PEER_TEST("a slowed session is not missed for heart-beats that lie unread, and sends its own") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    std::string flood;
    for (int i = 0; i != 300; ++i) flood += client::send("/topic/a", "x");
    who.bytes(flood);
    on.pass(20s);
    CHECK_FALSE(who.link.closed);
    CHECK(who.link.heart_beats >= 18);
    CHECK(on.events.bodies.size() > 100);
    CHECK(on.events.bodies.size() < 300);
    // Once it is read again its silence counts.
    on.brake.set(send_brake::reason::blocked, false);
    on.pass(1s);
    CHECK(on.events.bodies.size() == 300);
    on.pass(10s);
    CHECK(who.link.closed == close_reason::heart_beat_missed);
}

PEER_TEST("the brake's end lets everything go on after one more pace") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2") +
              client::send("/topic/a", "3"));
    on.brake.set(send_brake::reason::blocked, false);
    on.pass(pace + 100ms);
    CHECK(on.events.bodies == texts{"1", "2", "3"});
    CHECK_FALSE(who.link.paused);
}

PEER_TEST("a link whose answer is due is not slowed") {
    node on;
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    who.link.overdue = true;
    who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2"));
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK_FALSE(who.link.paused);
}

PEER_TEST("a slowed session whose link closes is gone") {
    node on;
    on.brake.set(send_brake::reason::blocked, true);
    {
        client who(on);
        who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2"));
    }
    on.pass(1s);
    CHECK(on.events.bodies == texts{"1"});
    CHECK(on.home.session_count() == 0);
}

PEER_TEST("the brake tells when it goes on and off, and how many sessions it slowed") {
    std::vector<send_brake::change> told;
    send_brake brake(pace, [&told](send_brake::change const& what) { told.push_back(what); });
    using enum send_brake::reason;
    brake.set(backlog, false);
    CHECK(told.empty());
    brake.set(blocked, true);
    brake.set(backlog, true);
    CHECK(brake.on());
    sender_pace one, two;
    for (int i = 0; i != 3; ++i) one.on_send(brake, steady_time(1h));
    two.on_send(brake, steady_time(1h));
    CHECK(one.deadline() == steady_time(1h) + 3 * pace);
    CHECK_FALSE(one.end_at(steady_time(1h) + 3 * pace - 1ns));
    CHECK(one.end_at(steady_time(1h) + 3 * pace));
    CHECK_FALSE(one.end_at(steady_time(2h)));
    CHECK(one.deadline() == steady_time::max());
    brake.set(blocked, false);
    CHECK(brake.on());
    brake.set(backlog, false);
    CHECK_FALSE(brake.on());
    REQUIRE(told.size() == 2);
    CHECK(told[0].on);
    CHECK(told[0].why == blocked);
    CHECK_FALSE(told[1].on);
    CHECK(told[1].slowed == 2);
    brake.set(backlog, true);
    one.on_send(brake, steady_time(3h));
    brake.set(backlog, false);
    CHECK(told.back().slowed == 1);
    CHECK(told.back().why == backlog);
}

PEER_TEST("a pace of zero slows nobody") {
    node on(0ms);
    client who(on);
    on.brake.set(send_brake::reason::blocked, true);
    who.bytes(client::send("/topic/a", "1") + client::send("/topic/a", "2"));
    CHECK(on.events.bodies == texts{"1", "2"});
    CHECK_FALSE(on.brake.on());
}

PEER_TEST("the brake may be set on one thread while shards ask on others") {
    send_brake brake(pace, {});
    std::vector<std::thread> shards;
    for (int i = 0; i != 2; ++i) {
        shards.emplace_back([&brake] {
            sender_pace mine;
            for (int n = 0; n != 10'000; ++n) {
                if (brake.on()) mine.on_send(brake, steady_time(1h));
            }
        });
    }
    for (int n = 0; n != 1'000; ++n) brake.set(send_brake::reason::blocked, n % 2 == 0);
    for (auto& each : shards) each.join();
    CHECK_FALSE(brake.on());
}
