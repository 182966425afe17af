#include "broker/routing/room_feeds.hpp"

#include "tests/routing/recording_link.hpp"

#include <doctest/doctest.h>
#include <deque>
#include <numeric>

using namespace broker;
using broker::routing::room_feeds;
using tests::room_message;
using tests::test_subscriber;

namespace {

class manual_executor final : public executor {
public:
    void post(unique_function<void()> work) override { work_.push_back(std::move(work)); }
    void run() {
        while (!work_.empty()) {
            auto next = std::move(work_.front());
            work_.pop_front();
            next();
        }
    }

private:
    std::deque<unique_function<void()>> work_;
};

// A store with one room, whose answers are given when the test says so.
class manual_store final : public sequenced_topics {
public:
    bool owns(std::string_view destination) const override {
        return destination.starts_with("/topic/room/");
    }
    std::string_view room_of(std::string_view) const override { return {}; }
    void open(std::string, principal_ptr, executor& home,
              unique_function<void(open_outcome)> done) override {
        opens.push_back([this, &home, done = std::move(done)]() mutable {
            open_outcome answer = last;
            if (refuse) answer = topic_refusal{"not_a_member", "no"};
            home.post([answer = std::move(answer), done = std::move(done)]() mutable {
                done(std::move(answer));
            });
        });
    }
    void read_after(std::string, std::uint64_t after, std::size_t limit, executor& home,
                    unique_function<void(history_outcome)> done) override {
        reads.push_back([this, after, limit, &home, done = std::move(done)]() mutable {
            history_outcome answer;
            if (broken) {
                answer = topic_refusal{"store_unavailable", "down"};
            } else {
                std::vector<message_ptr> page;
                for (auto seq = after + 1; seq <= last && page.size() < limit; ++seq) {
                    page.push_back(room_message(seq));
                }
                answer = std::move(page);
            }
            home.post([answer = std::move(answer), done = std::move(done)]() mutable {
                done(std::move(answer));
            });
        });
    }
    void last_seqs(std::vector<std::string> names, executor& home,
                   unique_function<void(last_seqs_outcome)> done) override {
        ++sweeps;
        last_seqs_outcome answer = std::vector<std::uint64_t>(names.size(), last);
        if (broken) answer = topic_refusal{"store_unavailable", "down"};
        home.post([answer = std::move(answer), done = std::move(done)]() mutable {
            done(std::move(answer));
        });
    }
    void answer(std::deque<unique_function<void()>>& waiting) {
        auto next = std::move(waiting.front());
        waiting.pop_front();
        next();
    }

    std::uint64_t last = 0;
    bool refuse = false;
    bool broken = false;
    int sweeps = 0;
    std::deque<unique_function<void()>> opens;
    std::deque<unique_function<void()>> reads;
};

struct fixture {
    manual_executor home;
    manual_store store;
    room_feeds feeds{store, home};

    enum class state { waiting, live, refused };

    // Subscribes and notes in `outcome` how it ended.
    void subscribe(test_subscriber& who, state& outcome,
                   std::optional<std::uint64_t> after = std::nullopt) {
        outcome = state::waiting;
        feeds.subscribe("/topic/room/1", who.subscription, nullptr, after,
                        [&outcome](std::optional<topic_refusal> refusal) {
                            outcome = refusal ? state::refused : state::live;
                        });
    }
    void settle() {
        home.run();
        while (!store.opens.empty() || !store.reads.empty()) {
            if (!store.opens.empty()) {
                store.answer(store.opens);
            } else {
                store.answer(store.reads);
            }
            home.run();
        }
    }
    // Stored and published.
    void publish(std::uint64_t seq) {
        store.last = std::max(store.last, seq);
        feeds.on_message(room_message(seq));
    }
};

using list = std::vector<int>;

list range(int first, int last) {
    list out(static_cast<std::size_t>(last - first + 1));
    std::iota(out.begin(), out.end(), first);
    return out;
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "a plain subscription gets what comes after it, not what was before") {
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

TEST_CASE_FIXTURE(fixture,
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

TEST_CASE_FIXTURE(fixture,
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

TEST_CASE_FIXTURE(fixture,
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

TEST_CASE_FIXTURE(fixture, "a second subscriber joins where the shard's feed already stands") {
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

TEST_CASE_FIXTURE(fixture, "a gap is filled from the store and delivered in order") {
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

TEST_CASE_FIXTURE(fixture, "a gap that the bus fills in time asks nothing of the store") {
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

TEST_CASE_FIXTURE(fixture, "a sweep finds what the bus never brought") {
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

TEST_CASE_FIXTURE(fixture,
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

TEST_CASE_FIXTURE(fixture, "a gap that the store cannot fill now is filled when it can") {
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

TEST_CASE_FIXTURE(fixture, "a refused subscription leaves nothing behind") {
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

TEST_CASE_FIXTURE(fixture, "an answer for a subscription that is gone touches nothing") {
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

TEST_CASE_FIXTURE(fixture, "a slow reader's replay waits until its queue is short again") {
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

TEST_CASE_FIXTURE(fixture,
                  "access that ends takes the user's subscriptions at once and no others") {
    test_subscriber leaver("42"), stayer("43"), anonymous;
    state one, two, three;
    subscribe(leaver, one);
    subscribe(stayer, two);
    subscribe(anonymous, three);
    settle();
    publish(1);
    feeds.on_access_ended("/topic/room/1", "42");
    publish(2);
    CHECK(leaver.seqs() == list{1});
    CHECK(leaver.ended == std::vector<std::string>{"/topic/room/1"});
    CHECK(stayer.seqs() == list{1, 2});
    CHECK(anonymous.seqs() == list{1, 2});
    CHECK(anonymous.ended.empty());
}

TEST_CASE_FIXTURE(fixture, "access that ends while a replay is under way ends the replay") {
    store.last = 3;
    test_subscriber leaver("42");
    state outcome;
    subscribe(leaver, outcome, 0);
    store.answer(store.opens);
    home.run();
    feeds.on_access_ended("/topic/room/1", "42");
    settle();
    CHECK(leaver.seqs().empty());
    CHECK(feeds.room_count() == 0);
}
