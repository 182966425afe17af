#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

// The writer and the store's jobs, where others keep a room locked.

using namespace tests;
using chat::errc;
using chat::unit_of_work;
using chat::user_id;

namespace {

// New members of a room, each by a job of its own.
class joining {
public:
    joining(persistence::storage& in, chat::room_id room) : storage_(in), room_(room) {}

    void join(std::uint64_t user) {
        storage_.store().run(
            chat::access::read_write,
            [room = room_, user](unit_of_work& unit) {
                return unit.add_member(room, user_id{user}, "u", chat::member_role::member)
                    .has_value();
            },
            [this](boost::system::error_code failed) {
                std::lock_guard const guard(mutex_);
                answers_.push_back(failed);
                changed_.notify_all();
            });
    }

    std::size_t answered() {
        std::lock_guard const guard(mutex_);
        return answers_.size();
    }

    std::vector<boost::system::error_code> wait_for(std::size_t count) {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [&] { return answers_.size() == count; });
        return answers_;
    }

private:
    persistence::storage& storage_;
    chat::room_id room_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<boost::system::error_code> answers_;
};

}  // namespace

TEST_CASE("messages for a room that others have locked wait, and no others do") {
    postgres_database database;
    auto options = database.options();
    options.batch_count = 4;
    auto const storage = open_storage(options);
    auto const locked = make_room(*storage, {1});
    auto const free = make_room(*storage, {1});
    writer_probe probe(*storage);
    room_lock lock(database, locked);
    std::size_t sent = 0;
    auto const append_locked = [&](std::string const& key = {}) {
        probe.append(message_of(locked, 1, std::to_string(sent++), key));
    };
    for (int i = 0; i != 10; ++i) {
        append_locked();
        REQUIRE(ok(probe.store(message_of(free, 1, std::to_string(i))).stored));
    }
    for (int i = 0; i != 10; ++i) append_locked();
    append_locked("k");
    probe.append(message_of(locked, 1, std::to_string(sent - 1), "k"));
    probe.append(message_of(locked, 2, "a stranger"));
    REQUIRE(ok(probe.store(message_of(free, 1, "10")).stored));
    CHECK(database.number("SELECT count(*) FROM messages") == 11);

    lock.release();
    std::size_t refused = 0;
    std::size_t repeated = 0;
    for (auto const& outcome : probe.outcomes()) {
        if (outcome.repeated) ++repeated;
        if (outcome.stored) continue;
        CHECK(outcome.stored.error() == errc::not_a_member);
        ++refused;
    }
    CHECK(refused == 1);
    CHECK(repeated == 1);
    auto const found = history(*storage, locked);
    REQUIRE(found.size() == sent);
    for (std::size_t i = 0; i != sent; ++i) CHECK(found[i].content == std::to_string(i));
    CHECK(gapless(*storage, locked));
    CHECK(gapless(*storage, free));
}

TEST_CASE("messages for a room that stays locked are refused in time") {
    postgres_database database;
    auto options = database.options();
    options.wait_timeout = std::chrono::seconds(1);
    auto const storage = open_storage(options);
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);
    room_lock lock(database, room);
    CHECK(probe.store(message_of(room, 1, "x", "k")).stored.error() == errc::store_busy);
    SUBCASE("and stored later") {
        lock.release();
        auto const again = in_time(
            options, [&] { return probe.store(message_of(room, 1, "x", "k")); },
            [](chat::write_outcome const& told) { return ok(told.stored); });
        REQUIRE(ok(again.stored));
        CHECK_FALSE(again.repeated);
        CHECK(again.stored->seq == 1);
    }
    SUBCASE("also when the writer ends") {
        for (int i = 0; i != 5; ++i) probe.append(message_of(room, 1, "x"));
        probe.stop();
        auto const outcomes = probe.outcomes();
        CHECK(outcomes.size() == 6);
        for (auto const& outcome : outcomes) CHECK(outcome.stored.error() == errc::store_busy);
        CHECK(database.number("SELECT count(*) FROM messages") == 0);
    }
}

TEST_CASE("a message that the database refuses does not let others pass a locked room's") {
    postgres_database database;
    auto const storage = open_storage(database.options());
    auto const locked = make_room(*storage, {1});
    auto const free = make_room(*storage, {1});
    database.execute(
        "CREATE UNIQUE INDEX no_second_bomb ON messages (content) WHERE content LIKE 'bomb%'");
    writer_probe probe(*storage);
    REQUIRE(ok(probe.store(message_of(free, 1, "bomb")).stored));
    room_lock lock(database, locked);
    probe.append_all({message_of(locked, 1, "0"), message_of(free, 1, "bomb"),
                      message_of(locked, 1, "1"), message_of(free, 1, "fine")});
    CHECK(ok(probe.store(message_of(free, 1, "after")).stored));
    lock.release();
    std::size_t refused = 0;
    for (auto const& outcome : probe.outcomes()) refused += outcome.stored ? 0 : 1;
    CHECK(refused == 1);
    auto const found = history(*storage, locked);
    REQUIRE(found.size() == 2);
    CHECK(found[0].content == "0");
    CHECK(gapless(*storage, free));
}

TEST_CASE("jobs for a room that others have locked wait, and no others do") {
    postgres_database database;
    auto options = database.options();
    options.threads = 2;
    auto const storage = open_storage(options);
    auto const locked = make_room(*storage, {1});
    auto const free = make_room(*storage, {1});
    joining there(*storage, locked);
    joining elsewhere(*storage, free);
    room_lock lock(database, locked);
    constexpr std::size_t many = 20;
    for (std::uint64_t user = 2; user != 2 + many; ++user) there.join(user);
    elsewhere.join(2);
    CHECK_FALSE(elsewhere.wait_for(1).front());
    CHECK(there.answered() == 0);

    lock.release();
    for (auto const failed : there.wait_for(many)) CHECK_FALSE(failed);
    auto const members = read(*storage, [&](unit_of_work& unit) -> chat::result<std::size_t> {
        return unit.list_members(locked, user_id{0}, 100).size();
    });
    CHECK(members.value() == 1 + many);
}

TEST_CASE("a job whose room stays locked is refused in time") {
    postgres_database database;
    auto options = database.options();
    options.wait_timeout = std::chrono::seconds(1);
    auto storage = open_storage(options);
    auto const room = make_room(*storage, {1});
    room_lock lock(database, room);
    joining there(*storage, room);
    for (std::uint64_t user = 2; user != 12; ++user) there.join(user);
    SUBCASE("") {}
    SUBCASE("also when the storage is closed") {
        storage.reset();
    }
    for (auto const failed : there.wait_for(10)) CHECK(failed == errc::store_busy);
    CHECK(database.number("SELECT count(*) FROM room_members") == 1);
}
