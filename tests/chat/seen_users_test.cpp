#include "chat/seen_users.hpp"
#include "chat/tracked_store.hpp"
#include "support.hpp"

#include <doctest/doctest.h>
#include <array>
#include <chrono>
#include <deque>
#include <future>

// Who has to wait until they are known, and who is known in the end.

using namespace chat_tests;
using namespace chat;
using namespace std::chrono_literals;

namespace {

// Its jobs wait until the test lets them go, to a real store or to a failure; both answer on the
// test's thread.
class held_store final : public chat::store {
public:
    explicit held_store(chat::store& real) : real_(real) {}

    void run(chat::access mode, std::function<bool(unit_of_work&)> work,
             broker::unique_function<void(boost::system::error_code)> done,
             std::chrono::milliseconds patience) override {
        patience_ = patience;
        held_.push_back({mode, std::move(work), std::move(done)});
    }

    std::size_t held() const { return held_.size(); }
    // Of the last job.
    std::chrono::milliseconds patience() const { return patience_; }
    void let_go() {
        auto next = take();
        std::promise<boost::system::error_code> done;
        real_.run(next.mode, std::move(next.work),
                  [&done](boost::system::error_code answer) { done.set_value(answer); });
        next.done(done.get_future().get());
    }
    void fail() { take().done(errc::store_unavailable); }

private:
    struct job {
        chat::access mode;
        std::function<bool(unit_of_work&)> work;
        broker::unique_function<void(boost::system::error_code)> done;
    };

    job take() {
        REQUIRE(!held_.empty());
        auto next = std::move(held_.front());
        held_.pop_front();
        return next;
    }

    chat::store& real_;
    std::deque<job> held_;
    std::chrono::milliseconds patience_{};
};

struct arrivals_at_a_node {
    chat_node node;
    held_store jobs{node.store()};
    test_authenticator credentials;
    tracked_store tracked{jobs, [this] { users.store_works(); }};
    seen_users users{credentials, tracked};
    std::array<bool, 10> in{};  // by user

    void comes(std::size_t user) {
        users.authenticate(
            {.login = {}, .passcode = {}, .authorization = "Bearer " + std::to_string(user)},
            node.shard, [this, user](broker::auth_outcome const& told) {
                in.at(user) = std::holds_alternative<broker::principal_ptr>(told);
            });
    }
    // Whether it is let in by what has happened so far.
    bool is_in(std::size_t user) {
        auto ran = false;
        node.shard.post([&ran] { ran = true; });
        REQUIRE(node.shard.run_until([&ran] { return ran; }));
        return in.at(user);
    }
    bool is_known(std::size_t user) {
        auto found = false;
        node.with_unit(
            [&](unit_of_work& unit) { found = unit.find_user(user_id(user)).has_value(); });
        return found;
    }
};

}  // namespace

TEST_CASE_FIXTURE(arrivals_at_a_node, "who comes first waits until they are known, and only once") {
    comes(1);
    CHECK(jobs.held() == 1);
    CHECK_FALSE(is_in(1));
    // Before the client itself loses patience.
    CHECK(jobs.patience() < 5s);
    jobs.let_go();
    CHECK(is_in(1));
    CHECK(is_known(1));

    in.fill(false);
    comes(1);
    CHECK(is_in(1));
    CHECK(jobs.held() == 0);
}

TEST_CASE_FIXTURE(arrivals_at_a_node, "those who come during a write share the next one") {
    for (std::size_t user : {1, 2, 3}) comes(user);
    CHECK(jobs.held() == 1);
    jobs.let_go();
    CHECK(is_in(1));
    CHECK(jobs.held() == 1);
    CHECK_FALSE(is_in(2));
    CHECK_FALSE(is_in(3));
    jobs.let_go();
    CHECK(is_in(2));
    CHECK(is_in(3));
    CHECK(is_known(2));
    CHECK(is_known(3));
}

TEST_CASE_FIXTURE(arrivals_at_a_node,
                  "nobody waits for a store that has failed, and all are known when it is back") {
    comes(1);
    comes(2);
    CHECK_FALSE(is_in(1));
    jobs.fail();
    CHECK(is_in(1));
    CHECK(is_in(2));
    // Not by itself again: somebody has to come.
    CHECK(jobs.held() == 0);

    comes(3);
    CHECK(is_in(3));
    comes(4);
    CHECK(is_in(4));
    CHECK(jobs.held() == 1);
    jobs.fail();
    CHECK(jobs.held() == 0);

    comes(5);
    CHECK(is_in(5));
    jobs.let_go();
    for (std::size_t user : {1, 2, 3, 4, 5}) {
        CAPTURE(user);
        CHECK(is_known(user));
    }
    // As before.
    comes(6);
    CHECK_FALSE(is_in(6));
    REQUIRE(jobs.held() == 1);
    jobs.let_go();
    CHECK(is_in(6));
}

TEST_CASE_FIXTURE(arrivals_at_a_node, "those who came in vain are known after the next job") {
    auto const somebody_reads = [this] {
        tracked.run(
            access::read_only, [](unit_of_work& unit) { return unit.any_room(); },
            [](boost::system::error_code) {});
    };
    comes(1);
    comes(2);
    jobs.fail();

    somebody_reads();
    jobs.fail();
    CHECK(jobs.held() == 0);
    somebody_reads();
    jobs.let_go();
    REQUIRE(jobs.held() == 1);
    jobs.let_go();
    for (std::size_t user : {1, 2}) {
        CAPTURE(user);
        CHECK(is_known(user));
    }
    // There is nobody left.
    CHECK(jobs.held() == 0);
    somebody_reads();
    jobs.let_go();
    CHECK(jobs.held() == 0);
}
