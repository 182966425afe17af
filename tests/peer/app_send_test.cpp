#include "rig.hpp"

// SENDs to an application that takes its time.

using namespace peer_test;

PEER_TEST("what waited for others and is done at once lets the frames behind it by in order") {
    node on;
    client who(on);
    who.bytes(client::send("/app/slow", "1") + client::send("/app/alone", "2", "receipt:r2\n") +
              client::send("/app/chat", "3") + client::send("/app/alone", "4") +
              client::send("/app/chat", "5", "receipt:r5\n"));
    CHECK(on.chat.app_sends == texts{"1"});
    CHECK(who.link.paused);
    on.chat.answer();
    CHECK(on.chat.app_sends == texts{"1", "2", "3", "4", "5"});
    CHECK(who.link.frames.size() == 2);  // the RECEIPTs
    CHECK_FALSE(who.link.paused);
}

PEER_TEST("what waits for others waits again behind what is slow, and its link may go meanwhile") {
    node on;
    client who(on);
    who.bytes(client::send("/app/slow", "1") + client::send("/app/alone", "2") +
              client::send("/app/slow", "3") + client::send("/app/alone", "4"));
    on.chat.answer();
    CHECK(on.chat.app_sends == texts{"1", "2", "3"});
    who.peer->on_link_closed();
    on.chat.answer();
    CHECK(on.chat.app_sends == texts{"1", "2", "3"});
}

PEER_TEST("a slowed session pays once for what waits for others") {
    node on;
    client who(on);
    who.bytes(client::send("/app/slow", "1"));
    on.brake.set(send_brake::reason::blocked, true);
    who.bytes(client::send("/app/alone", "2"));
    on.chat.answer();
    CHECK(on.chat.app_sends == texts{"1", "2"});
    CHECK(who.link.paused);
    on.pass(pace + 100ms);
    CHECK_FALSE(who.link.paused);
}
