#include "chat/outside/outbox_relay.hpp"
#include "tests/persistence/child_process.hpp"
#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <set>
#include <string>

// The relay on real databases, and when nodes are killed.

using namespace tests;
using namespace std::chrono_literals;

namespace {

class collecting_world final : public broker::outside {
public:
    void publish(std::vector<broker::outside_event> events,
                 broker::unique_function<void(bool)> done) override {
        {
            std::lock_guard guard(mutex_);
            for (auto const& event : events) ids_.insert(event.id);
            changed_.notify_all();
        }
        done(true);
    }
    bool wait_for(std::string const& id) {
        std::unique_lock guard(mutex_);
        return changed_.wait_for(guard, 30s, [&] { return ids_.contains(id); });
    }
    // Until so many came, each time counted.
    bool wait_for_count(std::size_t count) {
        std::unique_lock guard(mutex_);
        return changed_.wait_for(guard, 30s, [&] { return ids_.size() == count; });
    }
    // Until each of them came.
    bool wait_for_all(std::set<std::string> awaited) {
        std::unique_lock guard(mutex_);
        return changed_.wait_for(guard, 30s, [&] {
            std::erase_if(awaited, [this](auto const& id) { return ids_.contains(id); });
            return awaited.empty();
        });
    }
    std::set<std::string> ids() {
        std::lock_guard guard(mutex_);
        return {ids_.begin(), ids_.end()};
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::multiset<std::string> ids_;
};

std::string event_of(chat::stored_message const& message) {
    return "message-" + std::to_string(message.id.value);
}

std::set<std::string> events_stored(persistence::storage& in, chat::room_id room) {
    std::set<std::string> events;
    for (auto const& message : history(in, room)) events.insert(event_of(message));
    return events;
}

template <typename Database>
persistence::storage_options with_outbox(Database const& database) {
    auto options = database.options();
    options.outbox = true;
    return options;
}

}  // namespace

TEST_CASE_TEMPLATE("what a node stores is published at its word, without a look for it", Database,
                   BOTH) {
    Database database;
    auto const storage = open_storage(with_outbox(database));
    auto const room = make_room(*storage, {1});
    collecting_world world;
    chat::relay_options options;
    options.poll = 1h;
    {
        chat::outbox_relay relay(storage->open_outbox(), world, options);
        writer_probe writer(*storage);
        writer.on_batch_hook = [&](auto const&) { relay.wake(); };
        for (int i = 0; i != 20; ++i) {
            auto const stored = writer.store(message_of(room, 1, "x")).stored.value();
            CHECK(world.wait_for(event_of(stored)));
        }
    }
    CHECK(world.wait_for_count(20));
    CHECK(database.number("SELECT count(*) FROM outbox") == 0);
}

TEST_CASE_TEMPLATE("every stored message is published, however often nodes are killed", Database,
                   BOTH) {
    Database database;
    auto const options = with_outbox(database);
    auto const storage = open_storage(options);
    auto const room = make_room(*storage, {1});
    std::set<std::string> seen;
    for (int round = 0; round != 4; ++round) {
        child_process node("relay_child", options, {std::to_string(room.value)});
        child_process other("relay_child", options, {std::to_string(room.value)});
        std::string line;
        for (int i = 0; i != 700 + 333 * round && node.line(line); ++i) seen.insert(line);
        node.kill_hard();
        // What it had said when it died.
        while (node.line(line)) seen.insert(line);
        for (int i = 0; i != 300 && other.line(line); ++i) seen.insert(line);
        other.kill_hard();
        while (other.line(line)) seen.insert(line);
    }
    REQUIRE(seen.size() > 1'000);

    collecting_world world;
    chat::relay_options how;
    how.poll = 50ms;
    chat::outbox_relay const relay(storage->open_outbox(), world, how);
    std::set<std::string> unseen;
    std::ranges::set_difference(events_stored(*storage, room), seen,
                                std::inserter(unseen, unseen.end()));
    CHECK(world.wait_for_all(unseen));
    // And nothing else. PostgreSQL may have ended meanwhile what a killed node had begun to commit.
    auto published = world.ids();
    published.merge(seen);
    CHECK(std::ranges::includes(events_stored(*storage, room), published));
}
