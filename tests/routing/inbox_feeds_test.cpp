#include "broker/routing/inbox_feeds.hpp"

#include "tests/routing/recording_link.hpp"

#include <doctest/doctest.h>
#include <charconv>
#include <chrono>
#include <deque>

using namespace broker;
using namespace std::chrono_literals;
using broker::routing::fan_out;
using broker::routing::inbox_feeds;
using tests::test_subscriber;

namespace {

using numbers = std::vector<int>;

message_ptr direct(std::uint64_t number) {
    return std::make_shared<message const>(message_fields{.destination = "/user/queue/messages",
                                                          .id = std::to_string(number),
                                                          .headers = {},
                                                          .body = "x"});
}

class direct_executor final : public executor {
public:
    void post(unique_function<void()> work) override { work(); }
};

// An inbox whose answers are given when the test says so.
class manual_inbox final : public user_inbox {
public:
    std::string_view queue() const override { return "/queue/messages"; }
    std::uint64_t order_of(message const& what) const override {
        std::uint64_t number = 0;
        auto const id = what.id();
        std::from_chars(id.data(), id.data() + id.size(), number);
        return number;
    }
    void undelivered(std::string, std::uint64_t after, std::size_t, executor&,
                     unique_function<void(inbox_outcome)> done) override {
        asked_after.push_back(after);
        questions.push_back(std::move(done));
    }
    void owed_to(std::vector<std::string> users, executor&,
                 unique_function<void(owed_users_outcome)> done) override {
        asked_about.push_back(std::move(users));
        sweeps.push_back(std::move(done));
    }
    void delivered(std::string_view, message const& what) override {
        got.push_back(static_cast<int>(order_of(what)));
    }

    void answer(std::vector<std::uint64_t> const& owed, std::uint64_t next = 0) {
        inbox_page page{.messages = {}, .next = next};
        for (auto const number : owed) page.messages.push_back(direct(number));
        answer_with(std::move(page));
    }
    void answer_with(inbox_outcome outcome) {
        auto done = std::move(questions.front());
        questions.pop_front();
        done(std::move(outcome));
    }

    void answer_sweep(owed_users_outcome outcome) {
        auto done = std::move(sweeps.front());
        sweeps.pop_front();
        done(std::move(outcome));
    }

    std::deque<unique_function<void(inbox_outcome)>> questions;
    std::deque<unique_function<void(owed_users_outcome)>> sweeps;
    std::vector<std::vector<std::string>> asked_about;
    std::vector<std::uint64_t> asked_after;
    numbers got;  // told as delivered
};

struct inbox_fixture {
    direct_executor home;
    manual_inbox store;
    inbox_feeds feeds{store, home};
    test_subscriber who;
    bool live = false;

    void enter() { feeds.enter("42", who.subscription); }
    void open() {
        feeds.open(who.subscription, [this] { live = true; });
    }
    // As the router does it.
    void bus_brings(std::uint64_t number) {
        auto const message = direct(number);
        fan_out out(message, broker::delivery_kind::user);
        if (who.subscription.gated) {
            feeds.deliver(who.subscription, out);
        } else {
            out.deliver(who.subscription);
        }
    }
    numbers received() const {
        numbers found;
        for (auto const& frame : who.link.frames)
            found.push_back(std::stoi(frame.substr(frame.find("message-id:") + 11)));
        return found;
    }
};

}  // namespace

TEST_CASE_FIXTURE(inbox_fixture,
                  "what is owed comes first, then what came meanwhile, then live ones") {
    enter();
    bus_brings(5);
    open();
    bus_brings(6);
    CHECK(received().empty());
    store.answer({1, 2, 5});
    CHECK(live);
    CHECK(received() == numbers{1, 2, 5, 6});
    CHECK(store.got == numbers{1, 2, 5, 6});
    bus_brings(7);
    CHECK(received() == numbers{1, 2, 5, 6, 7});
}

TEST_CASE_FIXTURE(inbox_fixture, "with nothing owed the subscription is as cheap as any other") {
    enter();
    open();
    store.answer({});
    CHECK(live);
    CHECK_FALSE(who.subscription.gated);
    CHECK(feeds.size() == 0);
}

TEST_CASE_FIXTURE(inbox_fixture,
                  "what the bus brings after the store gave it is not delivered again") {
    enter();
    open();
    store.answer({1, 2});
    bus_brings(2);
    bus_brings(3);
    bus_brings(1);
    CHECK(received() == numbers{1, 2, 3});
    // After a while nothing is remembered.
    auto const now = steady_time() + 1h;
    feeds.on_time(now);
    feeds.on_time(now + inbox_feeds::remembered);
    CHECK(feeds.size() == 0);
    CHECK_FALSE(who.subscription.gated);
}

TEST_CASE_FIXTURE(inbox_fixture, "a held message that another device has got keeps its place") {
    enter();
    bus_brings(5);
    open();
    store.answer({4, 6});
    CHECK(received() == numbers{4, 5, 6});
}

TEST_CASE_FIXTURE(inbox_fixture, "a long inbox comes in pages and waits for a slow reader") {
    enter();
    open();
    who.link.queued = inbox_feeds::replay_queue_bytes + 1;
    store.answer({1, 2}, 2);
    CHECK(store.questions.empty());
    feeds.on_time(steady_time() + 1h);
    CHECK(store.questions.empty());
    who.link.queued = 0;
    feeds.on_time(steady_time() + 1h);
    REQUIRE(store.questions.size() == 1);
    CHECK_FALSE(live);
    bus_brings(9);
    store.answer({3});
    CHECK(live);
    CHECK(store.asked_after == std::vector<std::uint64_t>{0, 2});
    CHECK(received() == numbers{1, 2, 3, 9});
}

TEST_CASE_FIXTURE(inbox_fixture, "without the store live messages come, and what is owed later") {
    enter();
    bus_brings(5);
    open();
    store.answer_with(topic_refusal{"store_unavailable", "down"});
    CHECK(live);
    bus_brings(6);
    CHECK(received() == numbers{5, 6});
    auto const now = steady_time() + 1h;
    feeds.on_time(now);
    CHECK(store.questions.empty());
    feeds.on_time(now + inbox_feeds::retry_after);
    REQUIRE(store.questions.size() == 1);
    store.answer({4});
    CHECK(received() == numbers{5, 6, 4});
}

TEST_CASE_FIXTURE(inbox_fixture, "a subscription that has ended is not spoken of any more") {
    enter();
    open();
    feeds.close(who.subscription);
    store.answer({1});
    CHECK_FALSE(live);
    CHECK(received().empty());
}

TEST_CASE_FIXTURE(inbox_fixture, "a second look brings what the bus lost, a few users at a time") {
    std::deque<test_subscriber> many(inbox_feeds::questions_at_once + 2);
    for (auto& each : many) feeds.look_again("7", each.subscription);
    CHECK(store.questions.size() == inbox_feeds::questions_at_once);
    store.answer({3});
    CHECK(many.front().link.frames.size() == 1);
    CHECK(store.questions.size() == inbox_feeds::questions_at_once);
    // Who leaves makes room for the next.
    feeds.close(many[1].subscription);
    CHECK(store.questions.size() == inbox_feeds::questions_at_once + 1);
    while (!store.questions.empty()) store.answer({});
    CHECK(feeds.size() == 1);  // the first one remembers what it got from the store
}

TEST_CASE_FIXTURE(inbox_fixture,
                  "a sweep asks for many users at once, and looks at those who are owed") {
    std::vector<std::string> users;
    for (std::size_t i = 0; i != inbox_feeds::sweep_page + 3; ++i)
        users.push_back(std::to_string(i));
    std::vector<std::string> found;
    auto const note = [&found](std::string_view user) { found.emplace_back(user); };
    feeds.sweep(users, note);
    REQUIRE(store.sweeps.size() == 1);
    CHECK(store.asked_about[0].size() == inbox_feeds::sweep_page);
    feeds.sweep(users, note);  // one round at a time
    CHECK(store.sweeps.size() == 1);
    store.answer_sweep(std::vector<std::string>{"17", "4"});
    REQUIRE(store.sweeps.size() == 1);
    CHECK(store.asked_about[1] == std::vector<std::string>{"0", "1", "2"});
    store.answer_sweep(std::vector<std::string>{});
    CHECK(found == std::vector<std::string>{"17", "4"});
    CHECK_FALSE(feeds.sweeping());
    CHECK(store.questions.empty());
}

TEST_CASE_FIXTURE(inbox_fixture,
                  "a sweep that the store cannot answer ends, and the next one asks") {
    feeds.sweep({"1"}, [](std::string_view) { FAIL("nobody is owed anything"); });
    store.answer_sweep(topic_refusal{"store_unavailable", "away"});
    CHECK_FALSE(feeds.sweeping());
    feeds.sweep({}, {});
    CHECK(store.sweeps.empty());
    feeds.sweep({"1"}, {});
    CHECK(store.sweeps.size() == 1);
}

TEST_CASE_FIXTURE(inbox_fixture, "while sweeps are frequent, what they brought is not forgotten") {
    steady_time now{1h};
    auto const pass = [&](std::chrono::milliseconds time, bool sweeping) {
        for (auto const end = now + time; now < end; now += 250ms) {
            if (sweeping) feeds.sweep({}, {});
            feeds.on_time(now);
        }
    };
    pass(1s, true);
    feeds.look_again("42", who.subscription);
    store.answer({1});
    pass(10min, true);
    bus_brings(1);  // the link is back
    CHECK(received() == numbers{1});
    feeds.look_again("42", who.subscription);
    store.answer({2});
    pass(1min, false);
    CHECK(feeds.size() == 0);
    CHECK_FALSE(who.subscription.gated);
}
