#include "tests/routing/room_fixture.hpp"

#include <doctest/doctest.h>

using namespace broker;
using broker::routing::room_feeds;
using tests::list;
using tests::range;
using tests::room_fixture;
using tests::room_message;
using tests::test_subscriber;

TEST_CASE_FIXTURE(room_fixture,
                  "a plain subscription gets what comes after it, not what was before") {
    store.last = 5;
    test_subscriber who;
    state outcome;
    subscribe(who, outcome);
    CHECK(outcome == state::waiting);
    settle();
    CHECK(outcome == state::live);
    publish(6);
    publish(7);
    CHECK(who.seqs() == list{6, 7});
}

TEST_CASE_FIXTURE(room_fixture,
                  "a message between the registration and the store's answer is not lost") {
    store.last = 5;
    test_subscriber who;
    state outcome;
    subscribe(who, outcome);
    store.answer(store.opens);  // read at 5
    publish(6);                 // published before the answer is back
    settle();
    CHECK(outcome == state::live);
    publish(7);
    CHECK(who.seqs() == list{6, 7});
}

TEST_CASE_FIXTURE(room_fixture,
                  "a message stored before the answer and published after it is replayed once") {
    store.last = 5;
    test_subscriber who;
    state outcome;
    subscribe(who, outcome, 3);
    settle();  // 4 and 5 replayed
    publish(5);
    publish(6);
    CHECK(outcome == state::live);
    CHECK(who.seqs() == list{4, 5, 6});
}

TEST_CASE_FIXTURE(room_fixture,
                  "a resume replays page by page while messages go on, without gap or double") {
    store.last = 3 * room_feeds::replay_page + 7;
    test_subscriber early;
    state early_outcome;
    subscribe(early, early_outcome);
    settle();
    test_subscriber who;
    state outcome;
    subscribe(who, outcome, 2);
    std::uint64_t next = store.last + 1;
    home.run();
    store.answer(store.opens);
    home.run();
    while (outcome == state::waiting) {
        store.answer(store.reads);
        if (next < store.last + 3 && early.seqs().size() < 10) publish(next++);
        home.run();
    }
    publish(next);
    CHECK(who.seqs() == range(3, static_cast<int>(next)));
}

TEST_CASE_FIXTURE(room_fixture, "a second subscriber joins where the shard's feed already stands") {
    store.last = 1;
    test_subscriber first, second;
    state one, two;
    subscribe(first, one);
    settle();
    publish(2);
    subscribe(second, two);
    store.answer(store.opens);
    publish(3);
    settle();
    publish(4);
    CHECK(first.seqs() == list{2, 3, 4});
    CHECK(second.seqs() == list{3, 4});
}

TEST_CASE_FIXTURE(room_fixture, "a gap is filled from the store and delivered in order") {
    test_subscriber who;
    state outcome;
    subscribe(who, outcome);
    settle();
    publish(1);
    store.last = 4;
    feeds.on_message(room_message(4));
    CHECK(feeds.has_gaps());
    settle();
    CHECK(who.seqs() == list{1});
    feeds.on_tick();
    CHECK_FALSE(feeds.has_gaps());
    settle();
    CHECK(who.seqs() == list{1, 2, 3, 4});
    feeds.on_message(room_message(3));
    CHECK(who.seqs() == list{1, 2, 3, 4});
}

TEST_CASE_FIXTURE(room_fixture, "a gap that the bus fills in time asks nothing of the store") {
    test_subscriber who;
    state outcome;
    subscribe(who, outcome);
    settle();
    publish(2);
    publish(1);
    CHECK(who.seqs() == list{1, 2});
    feeds.on_tick();
    CHECK(store.reads.empty());
}

TEST_CASE_FIXTURE(room_fixture, "a sweep finds what the bus never brought") {
    test_subscriber who;
    state outcome;
    subscribe(who, outcome);
    settle();
    store.last = 3;
    feeds.sweep();
    settle();  // without waiting for a tick: the bus may be away
    CHECK(who.seqs() == list{1, 2, 3});
    feeds.sweep();
    settle();
    CHECK_FALSE(feeds.has_gaps());
}

TEST_CASE_FIXTURE(room_fixture,
                  "a sweep waits for the one before it, and goes on when the store fails") {
    test_subscriber who;
    state outcome;
    subscribe(who, outcome);
    settle();
    store.broken = true;
    feeds.sweep();
    feeds.sweep();
    CHECK(store.sweeps == 1);
    settle();
    store.broken = false;
    store.last = 1;
    feeds.sweep();
    CHECK(store.sweeps == 2);
    settle();
    feeds.on_tick();
    settle();
    CHECK(who.seqs() == list{1});
}

TEST_CASE_FIXTURE(room_fixture, "a gap that the store cannot fill now is filled when it can") {
    test_subscriber who;
    state outcome;
    subscribe(who, outcome);
    settle();
    store.broken = true;
    store.last = 2;
    feeds.on_message(room_message(2));
    settle();
    CHECK(who.seqs().empty());
    feeds.on_tick();
    settle();
    CHECK(who.seqs().empty());
    store.broken = false;
    feeds.on_tick();
    settle();
    CHECK(who.seqs() == list{1, 2});
}

TEST_CASE_FIXTURE(room_fixture, "a refused subscription leaves nothing behind") {
    store.refuse = true;
    test_subscriber who;
    state outcome;
    subscribe(who, outcome);
    settle();
    CHECK(outcome == state::refused);
    CHECK(feeds.room_count() == 0);
    publish(1);
    CHECK(who.seqs().empty());
}

TEST_CASE_FIXTURE(room_fixture, "an answer for a subscription that is gone touches nothing") {
    test_subscriber who;
    state outcome;
    SUBCASE("before the store answers") {
        subscribe(who, outcome, 0);
        feeds.unsubscribe(who.subscription);
        settle();
    }
    SUBCASE("during the replay") {
        store.last = 3;
        subscribe(who, outcome, 0);
        store.answer(store.opens);
        home.run();
        feeds.unsubscribe(who.subscription);
        settle();
    }
    CHECK(outcome == state::waiting);
    CHECK(feeds.room_count() == 0);
    CHECK(who.seqs().empty());
}

TEST_CASE_FIXTURE(room_fixture, "a slow reader's replay waits until its queue is short again") {
    store.last = 3;
    test_subscriber who;
    who.link.queued = room_feeds::replay_queue_bytes + 1;
    state outcome;
    subscribe(who, outcome, 0);
    settle();
    CHECK(outcome == state::waiting);
    CHECK(who.seqs().empty());
    who.link.queued = room_feeds::replay_queue_bytes;
    feeds.on_tick();
    settle();
    CHECK(outcome == state::live);
    CHECK(who.seqs() == list{1, 2, 3});
}

TEST_CASE_FIXTURE(room_fixture, "a resume has all that was stored when it was opened") {
    test_subscriber first, resumed, plain;
    state one, two, three;
    subscribe(first, one);
    settle();
    publish(1);
    store.last = 4;  // and the bus brings none of it
    subscribe(resumed, two, 1);
    subscribe(plain, three);
    settle();
    CHECK(two == state::live);
    CHECK(resumed.seqs() == list{2, 3, 4});
    CHECK(three == state::live);
    CHECK(plain.seqs().empty());
    CHECK(first.seqs() == list{1});
    feeds.on_tick();  // nor did it within the time that it has
    settle();
    CHECK(first.seqs() == list{1, 2, 3, 4});
    publish(5);
    CHECK(resumed.seqs() == list{2, 3, 4, 5});
    CHECK(plain.seqs() == list{5});
}
