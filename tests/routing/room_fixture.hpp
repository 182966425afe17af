#pragma once

#include "broker/routing/room_feeds.hpp"
#include "tests/routing/recording_link.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// One room's feed, and a store whose answers are given when a test says so.

namespace tests {

class manual_executor final : public broker::executor {
public:
    void post(broker::unique_function<void()> work) override { work_.push_back(std::move(work)); }
    void run() {
        while (!work_.empty()) {
            auto next = std::move(work_.front());
            work_.pop_front();
            next();
        }
    }

private:
    std::deque<broker::unique_function<void()>> work_;
};

// A store with one room, whose answers are given when the test says so.
class manual_store final : public broker::sequenced_topics {
public:
    bool owns(std::string_view destination) const override {
        return destination.starts_with("/topic/room/");
    }
    std::string_view room_of(std::string_view) const override { return {}; }
    std::string_view access_ended_by(broker::message const& what) const override {
        return what.body().starts_with("leave ") ? what.body().substr(6) : std::string_view();
    }
    // The message under this number: one that ends somebody's access, or any.
    broker::message_ptr at(std::uint64_t seq) const {
        auto const leave = leaves.find(seq);
        if (leave == leaves.end()) return room_message(seq);
        return std::make_shared<broker::message const>(
            broker::message_fields{.destination = "/topic/room/1",
                                   .id = std::to_string(seq),
                                   .seq = seq,
                                   .headers = {},
                                   .body = "leave " + leave->second});
    }
    void open(std::string, broker::principal_ptr, broker::executor& home,
              broker::unique_function<void(broker::open_outcome)> done) override {
        opens.push_back([this, &home, done = std::move(done)]() mutable {
            broker::open_outcome answer = last;
            if (refuse) answer = broker::topic_refusal{"not_a_member", "no"};
            home.post([answer = std::move(answer), done = std::move(done)]() mutable {
                done(std::move(answer));
            });
        });
    }
    void read_after(std::string, std::uint64_t after, std::size_t limit, broker::executor& home,
                    broker::unique_function<void(broker::history_outcome)> done) override {
        reads.push_back([this, after, limit, &home, done = std::move(done)]() mutable {
            broker::history_outcome answer;
            if (broken) {
                answer = broker::topic_refusal{"store_unavailable", "down"};
            } else {
                std::vector<broker::message_ptr> page;
                for (auto seq = after + 1; seq <= last && page.size() < limit; ++seq) {
                    page.push_back(at(seq));
                }
                answer = std::move(page);
            }
            home.post([answer = std::move(answer), done = std::move(done)]() mutable {
                done(std::move(answer));
            });
        });
    }
    void last_seqs(std::vector<std::string> names, broker::executor& home,
                   broker::unique_function<void(broker::last_seqs_outcome)> done) override {
        ++sweeps;
        broker::last_seqs_outcome answer = std::vector<std::uint64_t>(names.size(), last);
        if (broken) answer = broker::topic_refusal{"store_unavailable", "down"};
        home.post([answer = std::move(answer), done = std::move(done)]() mutable {
            done(std::move(answer));
        });
    }
    void answer(std::deque<broker::unique_function<void()>>& waiting) {
        auto next = std::move(waiting.front());
        waiting.pop_front();
        next();
    }

    std::uint64_t last = 0;
    std::map<std::uint64_t, std::string> leaves;
    bool refuse = false;
    bool broken = false;
    int sweeps = 0;
    std::deque<broker::unique_function<void()>> opens;
    std::deque<broker::unique_function<void()>> reads;
};

struct room_fixture {
    manual_executor home;
    manual_store store;
    broker::routing::room_feeds feeds{store, home};

    enum class state { waiting, live, refused };

    // Subscribes and notes in `outcome` how it ended.
    void subscribe(test_subscriber& who, state& outcome,
                   std::optional<std::uint64_t> after = std::nullopt) {
        outcome = state::waiting;
        feeds.subscribe("/topic/room/1", who.subscription, nullptr, after,
                        [&outcome](std::optional<broker::topic_refusal> refusal) {
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
        feeds.on_message(store.at(seq));
    }
    void leave(std::uint64_t seq, std::string user) {
        store.leaves[seq] = std::move(user);
        publish(seq);
    }
};

using list = std::vector<int>;

inline list range(int first, int last) {
    list out(static_cast<std::size_t>(last - first + 1));
    std::iota(out.begin(), out.end(), first);
    return out;
}

}  // namespace tests
