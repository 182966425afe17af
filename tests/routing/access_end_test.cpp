#include "tests/routing/room_fixture.hpp"

#include <doctest/doctest.h>

using namespace broker;
using broker::routing::room_feeds;
using tests::list;
using tests::room_fixture;
using tests::room_message;
using tests::test_subscriber;

TEST_CASE_FIXTURE(room_fixture,
                  "access that ends takes the user's subscriptions at once and no others") {
    test_subscriber leaver("42"), device("42"), stayer("43"), anonymous;
    state one, two, three, four;
    subscribe(leaver, one);
    subscribe(device, two);
    subscribe(stayer, three);
    subscribe(anonymous, four);
    settle();
    publish(1);
    leave(2, "42");
    publish(3);
    for (auto const* who : {&leaver, &device}) {
        CHECK(who->seqs() == list{1, 2});
        CHECK(who->ended == std::vector<std::string>{"/topic/room/1"});
        CHECK(room_feeds::name_of(who->subscription).empty());
    }
    CHECK(stayer.seqs() == list{1, 2, 3});
    CHECK(anonymous.seqs() == list{1, 2, 3});
    CHECK(anonymous.ended.empty());
}

TEST_CASE_FIXTURE(room_fixture, "access that ends takes the topic with its last subscription") {
    test_subscriber leaver("42");
    state outcome;
    subscribe(leaver, outcome);
    settle();
    SUBCASE("by the bus") {
        leave(1, "42");
    }
    SUBCASE("by the bus, with more behind it") {
        publish(3);
        leave(2, "42");
        publish(1);
        CHECK(leaver.seqs() == list{1, 2});
    }
    SUBCASE("by the store") {
        store.leaves[1] = "42";
        publish(2);
        feeds.on_tick();
        settle();
    }
    SUBCASE("by a sweep, when the bus brought nothing at all") {
        store.leaves[1] = "42";
        store.last = 3;
        feeds.sweep();
        settle();
        CHECK(leaver.seqs() == list{1});
    }
    CHECK(leaver.ended.size() == 1);
    CHECK(feeds.room_count() == 0);
    publish(4);
    feeds.on_tick();
    settle();
    CHECK(leaver.seqs().back() < 3);
}

TEST_CASE_FIXTURE(room_fixture, "access that ends while a replay is under way ends the replay") {
    store.last = 3;
    test_subscriber leaver("42");
    state outcome;
    subscribe(leaver, outcome, 0);
    store.answer(store.opens);
    home.run();
    leave(4, "42");
    publish(5);
    settle();
    CHECK(leaver.seqs() == list{1, 2, 3, 4});
    CHECK(leaver.ended.size() == 1);
    CHECK(outcome == state::waiting);  // its owner was told in the other way
    CHECK(feeds.room_count() == 0);
}

TEST_CASE_FIXTURE(room_fixture, "who came back stays, however late it is told that they had left") {
    test_subscriber before("42"), back("42");
    state one, two;
    subscribe(before, one);
    settle();
    publish(1);
    store.leaves[2] = "42";
    store.last = 4;
    subscribe(back, two, 1);
    SUBCASE("by the bus, while the topic is being opened") {
        publish(2);
    }
    SUBCASE("by the bus, after the replay") {}
    settle();
    CHECK(two == state::live);
    CHECK(back.seqs() == list{2, 3, 4});
    for (std::uint64_t seq = 2; seq != 6; ++seq) publish(seq);
    CHECK(before.seqs() == list{1, 2});
    CHECK(before.ended.size() == 1);
    CHECK(back.seqs() == list{2, 3, 4, 5});
    CHECK(back.ended.empty());
    leave(6, "42");
    CHECK(back.ended.size() == 1);
}

TEST_CASE_FIXTURE(room_fixture, "events that are not stored do not wait for the end of an access") {
    test_subscriber leaver("42"), stayer("43");
    state one, two;
    subscribe(leaver, one);
    subscribe(stayer, two);
    settle();
    auto const type = [&] { feeds.on_message(room_message(0)); };
    type();
    leave(2, "42");  // 1 is on its way
    type();
    CHECK(leaver.link.frames.size() == 1);
    CHECK(stayer.link.frames.size() == 2);
    publish(1);
    CHECK(leaver.seqs() == list{1, 2});
    CHECK(leaver.ended.size() == 1);
    type();
    CHECK(stayer.link.frames.size() == 5);
    CHECK(leaver.link.frames.size() == 3);
}
