#include "chat/outside/outbox_relay.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

using namespace chat;
using namespace std::chrono_literals;

namespace {

// Waits until somebody has changed something and a condition holds.
class meeting_point {
public:
    template <typename Change>
    void change(Change&& what) {
        std::lock_guard guard(mutex_);
        what();
        changed_.notify_all();
    }
    template <typename Condition>
    bool wait(Condition&& holds) {
        std::unique_lock guard(mutex_);
        return changed_.wait_for(guard, 30s, holds);
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

// The rows of a database, as far as the relay can tell. Leases end when the test says so.
class memory_outbox {
public:
    void add(std::uint64_t row) {
        meeting.change([&] { rows_[row] = false; });
    }
    // Of the content of each row.
    void size_contents(std::size_t bytes) {
        meeting.change([&] { content_.assign(bytes, 'x'); });
    }
    void end_leases() {
        meeting.change([&] {
            for (auto& [row, held] : rows_) held = false;
        });
    }
    std::size_t size() {
        std::size_t count = 0;
        meeting.change([&] { count = rows_.size(); });
        return count;
    }
    bool wait_until_empty() {
        return meeting.wait([&] { return rows_.empty(); });
    }
    bool wait_until_free(std::size_t count) {
        return meeting.wait([&] {
            return std::ranges::count(rows_, false, [](auto const& row) { return row.second; }) ==
                   static_cast<std::ptrdiff_t>(count);
        });
    }
    std::unique_ptr<outbox> open() { return std::make_unique<handle>(*this); }

    std::atomic<bool> away{false};
    std::atomic<int> takes{0};
    meeting_point meeting;

private:
    class handle final : public outbox {
    public:
        explicit handle(memory_outbox& of) : of_(of) {}
        result<outbox_backlog> backlog() override {
            if (of_.away) return errc::store_unavailable;
            outbox_backlog found;
            of_.meeting.change([&] { found.rows = of_.rows_.size(); });
            if (found.rows != 0) found.oldest_age = 1s;
            return found;
        }
        result<std::vector<outbox_entry>> take(outbox_bounds most,
                                               std::chrono::milliseconds) override {
            ++of_.takes;
            if (of_.away) return errc::store_unavailable;
            std::vector<outbox_entry> taken;
            of_.meeting.change([&] {
                std::size_t bytes = 0;
                for (auto& [row, held] : of_.rows_) {
                    if (held || taken.size() == most.rows || bytes >= most.bytes) continue;
                    held = true;
                    outbox_entry entry;
                    entry.row = row;
                    entry.message.id = message_id(row);
                    entry.message.room = room_id(1);
                    entry.message.content = of_.content_;
                    bytes += of_.content_.size();
                    taken.push_back(std::move(entry));
                }
            });
            return taken;
        }
        result<void> remove(std::span<std::uint64_t const> rows) override {
            if (of_.away) return errc::store_unavailable;
            of_.meeting.change([&] {
                for (auto const row : rows) of_.rows_.erase(row);
            });
            return {};
        }
        result<void> give_back(std::span<std::uint64_t const> rows) override {
            if (of_.away) return errc::store_unavailable;
            of_.meeting.change([&] {
                for (auto const row : rows) of_.rows_[row] = false;
            });
            return {};
        }

    private:
        memory_outbox& of_;
    };

    std::map<std::uint64_t, bool> rows_;  // held?
    std::string content_;
};

// The world's broker: confirms, refuses, or keeps silent until told.
class fake_world final : public broker::outside {
public:
    enum class mood { confirm, refuse, silent };

    void publish(std::vector<broker::outside_event> events,
                 broker::unique_function<void(bool)> done) override {
        auto const now = mood_.load();
        meeting.change([&] {
            ++calls;
            largest = std::max(largest, events.size());
            if (now != mood::refuse) {
                for (auto const& event : events) ids.insert(event.id);
            }
            if (now == mood::silent) silent_.push_back(std::move(done));
        });
        if (now != mood::silent) done(now == mood::confirm);
    }
    void answer_silent(bool confirmed) {
        std::vector<broker::unique_function<void(bool)>> open;
        meeting.change([&] { open.swap(silent_); });
        for (auto& done : open) done(confirmed);
    }
    void be(mood next) { mood_ = next; }
    bool wait_for(std::size_t events) {
        return meeting.wait([&] { return ids.size() >= events; });
    }
    bool wait_for_calls(std::size_t count) {
        return meeting.wait([&] { return calls >= count; });
    }

    meeting_point meeting;
    std::multiset<std::string> ids;
    std::size_t calls = 0;
    std::size_t largest = 0;

private:
    std::atomic<mood> mood_{mood::confirm};
    std::vector<broker::unique_function<void(bool)>> silent_;
};

relay_options quick() {
    relay_options options;
    options.batch = {.rows = 10, .bytes = 1'000};
    options.batches_under_way = 2;
    options.gather = 0ms;
    options.shortest_pause = 1ms;
    options.longest_pause = 8ms;
    options.last_confirms = 10ms;
    return options;
}

std::set<std::string> ids_up_to(int count) {
    std::set<std::string> ids;
    for (int i = 1; i <= count; ++i) ids.insert("message-" + std::to_string(i));
    return ids;
}

}  // namespace

TEST_CASE("the relay publishes every row once and removes it after the confirm") {
    memory_outbox rows;
    fake_world world;
    for (std::uint64_t i = 1; i <= 25; ++i) rows.add(i);  // of an earlier life
    outbox_relay relay(rows.open(), world, quick());
    CHECK(rows.wait_until_empty());
    for (std::uint64_t i = 26; i <= 30; ++i) {
        rows.add(i);
        relay.wake();
    }
    CHECK(rows.wait_until_empty());
    CHECK(world.ids.size() == 30);
    CHECK(std::set(world.ids.begin(), world.ids.end()) == ids_up_to(30));
    CHECK(world.largest <= 10);
    CHECK(relay.counts().failed == 0);
}

TEST_CASE("a batch that is full of bytes is followed by the next one at once") {
    memory_outbox rows;
    fake_world world;
    rows.size_contents(400);
    for (std::uint64_t i = 1; i <= 7; ++i) rows.add(i);
    auto options = quick();
    // Were it this that is waited for after a batch with few rows, there would be no second one.
    options.gather = 1h;
    outbox_relay const relay(rows.open(), world, options);
    CHECK(rows.wait_until_empty());
    CHECK(world.ids.size() == 7);
    CHECK(world.largest == 3);
}

TEST_CASE("rows that nobody wakes the relay for are found by its own look") {
    memory_outbox rows;
    fake_world world;
    auto options = quick();
    options.poll = 20ms;
    outbox_relay const relay(rows.open(), world, options);
    rows.add(1);
    CHECK(world.wait_for(1));
    CHECK(rows.wait_until_empty());
}

TEST_CASE("no more batches are taken than may be under way") {
    memory_outbox rows;
    fake_world world;
    world.be(fake_world::mood::silent);
    for (std::uint64_t i = 1; i <= 100; ++i) rows.add(i);
    outbox_relay relay(rows.open(), world, quick());
    CHECK(world.wait_for_calls(2));
    relay.wake();
    CHECK(rows.takes == 2);
    CHECK(rows.size() == 100);  // nothing goes before its confirm

    world.be(fake_world::mood::confirm);
    world.answer_silent(true);
    CHECK(rows.wait_until_empty());
    CHECK(world.ids.size() == 100);
}

TEST_CASE("what was refused goes back into the outbox and is published later, and this is told") {
    memory_outbox rows;
    fake_world world;
    world.be(fake_world::mood::refuse);
    for (std::uint64_t i = 1; i <= 30; ++i) rows.add(i);
    auto options = quick();
    std::mutex mutex;
    std::vector<std::string> told;
    options.on_event = [&](relay_event const& event) {
        std::lock_guard guard(mutex);
        told.emplace_back(event.name);
    };
    outbox_relay relay(rows.open(), world, options);
    CHECK(world.wait_for_calls(5));
    CHECK(rows.size() == 30);
    CHECK(relay.counts().published == 0);

    world.be(fake_world::mood::confirm);
    CHECK(rows.wait_until_empty());
    CHECK(std::set(world.ids.begin(), world.ids.end()) == ids_up_to(30));
    std::lock_guard guard(mutex);
    CHECK(told == std::vector<std::string>{"outbox_relay_stuck", "outbox_relay_flows"});
}

TEST_CASE("each failure makes the pause longer, however soon after the take it comes") {
    memory_outbox rows;
    fake_world world;
    world.be(fake_world::mood::refuse);
    rows.add(1);
    auto options = quick();
    // Were it this that is waited for after the second failure, there would be no third try.
    options.gather = 1h;
    outbox_relay relay(rows.open(), world, options);
    CHECK(world.wait_for_calls(5));
}

TEST_CASE("a database that is away while confirms come loses nothing") {
    memory_outbox rows;
    fake_world world;
    world.be(fake_world::mood::silent);
    for (std::uint64_t i = 1; i <= 30; ++i) rows.add(i);
    outbox_relay relay(rows.open(), world, quick());
    CHECK(world.wait_for_calls(2));
    rows.away = true;
    world.be(fake_world::mood::confirm);
    world.answer_silent(true);
    CHECK(rows.size() == 30);
    rows.away = false;
    CHECK(rows.wait_until_empty());
    CHECK(world.ids.size() == 30);
}

TEST_CASE("a relay that ends gives back what was not confirmed, and hears no late answer") {
    memory_outbox rows;
    fake_world world;
    world.be(fake_world::mood::silent);
    for (std::uint64_t i = 1; i <= 5; ++i) rows.add(i);
    {
        outbox_relay const relay(rows.open(), world, quick());
        CHECK(world.wait_for(5));
    }
    CHECK(rows.wait_until_free(5));
    world.answer_silent(true);

    world.be(fake_world::mood::confirm);
    outbox_relay const next(rows.open(), world, quick());
    CHECK(rows.wait_until_empty());
    CHECK(world.ids.size() == 10);  // twice: at least once, with the same ids
    CHECK(std::set(world.ids.begin(), world.ids.end()) == ids_up_to(5));
}

TEST_CASE("a relay that ends waits for the confirms that are on their way") {
    memory_outbox rows;
    fake_world world;
    world.be(fake_world::mood::silent);
    rows.add(1);
    auto options = quick();
    options.last_confirms = 30s;
    auto relay = std::make_unique<outbox_relay>(rows.open(), world, options);
    CHECK(world.wait_for(1));
    auto ended = std::async(std::launch::async, [&] { relay.reset(); });
    world.answer_silent(true);
    ended.get();
    CHECK(rows.size() == 0);
}

TEST_CASE("several relays share the rows, and each row is published by one of them") {
    memory_outbox rows;
    fake_world world;
    for (std::uint64_t i = 1; i <= 500; ++i) rows.add(i);
    outbox_relay const one(rows.open(), world, quick());
    outbox_relay const two(rows.open(), world, quick());
    outbox_relay const three(rows.open(), world, quick());
    CHECK(rows.wait_until_empty());
    CHECK(world.ids.size() == 500);
    CHECK(std::set(world.ids.begin(), world.ids.end()) == ids_up_to(500));
}

TEST_CASE("an idle relay looks into the outbox once in its poll interval") {
    memory_outbox rows;
    fake_world world;
    auto options = quick();
    options.poll = 10'000ms;
    options.gather = 5ms;
    outbox_relay relay(rows.open(), world, options);
    rows.add(1);
    relay.wake();
    CHECK(rows.wait_until_empty());
    auto const takes = rows.takes.load();
    CHECK(takes <= 2);
}
