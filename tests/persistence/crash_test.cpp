#include "tests/persistence/child_process.hpp"
#include "tests/persistence/database.hpp"
#include "tests/support/postgres_server.hpp"

#include <doctest/doctest.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

// What is left after processes and servers die. Nothing that was acknowledged may be missing.

using namespace tests;
using chat::errc;
using chat::unit_of_work;

namespace {

class child : public child_process {
public:
    child(persistence::storage_options const& options, std::vector<std::string> words)
        : child_process("storage_child", options, std::move(words)) {}
};

std::vector<std::string> words_for(std::string name, std::vector<chat::room_id> const& rooms) {
    std::vector<std::string> words{"write", std::move(name)};
    for (auto const room : rooms) words.push_back(std::to_string(room.value));
    return words;
}

std::vector<chat::room_id> make_rooms(persistence::storage& in, int count) {
    std::vector<chat::room_id> rooms;
    for (int i = 0; i != count; ++i) rooms.push_back(make_room(in, {1}));
    return rooms;
}

// Everything acknowledged is there, and each room is gapless and without doubles.
void check_survivors(persistence::storage& in, std::vector<chat::room_id> const& rooms,
                     std::vector<std::string> const& acknowledged) {
    std::set<std::string> found;
    std::set<std::string> contents;
    for (auto const room : rooms) {
        CHECK(gapless(in, room));
        for (auto const& message : history(in, room)) {
            std::ostringstream line;
            line << room.value << ' ' << message.seq << ' ' << message.id.value << ' '
                 << message.content;
            found.insert(line.str());
            CHECK_MESSAGE(contents.insert(message.content).second, message.content);
        }
    }
    std::size_t missing = 0;
    for (auto const& line : acknowledged) missing += found.contains(line) ? 0 : 1;
    CHECK(missing == 0);
    MESSAGE(acknowledged.size(), " acknowledged, ", found.size(), " stored");
}

}  // namespace

TEST_CASE_TEMPLATE("processes that start at once migrate once", Database, BOTH) {
    Database database;
    std::vector<std::unique_ptr<child>> children;
    for (int i = 0; i != 4; ++i) {
        children.push_back(
            std::make_unique<child>(database.options(), std::vector<std::string>{"open"}));
    }
    for (auto& each : children) CHECK(each->wait() == 0);
    CHECK(database.number("SELECT count(*) FROM schema_migrations") == Database::migration_count);
}

TEST_CASE_TEMPLATE("a node killed in the middle of writing loses nothing acknowledged", Database,
                   BOTH) {
    Database database;
    std::vector<chat::room_id> rooms;
    {
        auto const storage = open_storage(database.options());
        rooms = make_rooms(*storage, 5);
    }
    std::vector<std::string> acknowledged;
    for (int turn = 0; turn != 3; ++turn) {
        // Two nodes write; one is killed, then the other.
        child first(database.options(), words_for("a" + std::to_string(turn), rooms));
        child second(database.options(), words_for("b" + std::to_string(turn), rooms));
        std::string line;
        for (child* each : {&first, &second}) {
            for (int i = 0; i != 300 + 117 * turn && each->line(line); ++i) {
                acknowledged.push_back(line);
            }
            each->kill_hard();
            while (each->line(line)) acknowledged.push_back(line);
            each->wait();
        }
    }
    auto const storage = open_storage(database.options());
    check_survivors(*storage, rooms, acknowledged);
    // And life goes on.
    writer_probe probe(*storage);
    CHECK(ok(probe.store(message_of(rooms[0], 1, "after")).stored));
}

TEST_CASE("a PostgreSQL that goes and comes back under load loses nothing acknowledged") {
    postgres_server server;
    postgres_database const database(server.fresh_schema());
    auto options = database.options();
    std::mutex events_mutex;
    std::vector<std::string> events;
    options.on_event = [&](persistence::storage_event const& event) {
        std::lock_guard guard(events_mutex);
        events.emplace_back(event.name);
    };
    auto const storage = open_storage(options);
    auto const rooms = make_rooms(*storage, 5);

    writer_probe probe(*storage);
    std::atomic<bool> enough = false;
    std::atomic<std::size_t> answered = 0;
    probe.on_batch_hook = [&](auto const& batch) { answered += batch.size(); };
    std::size_t sent = 0;
    std::thread sender([&] {
        while (!enough) {
            while (!enough && sent - answered > 300) std::this_thread::yield();
            probe.append(message_of(rooms[sent % rooms.size()], 1, std::to_string(sent)));
            ++sent;
        }
    });
    auto const wait_for_progress = [&](std::size_t more) {
        auto const until = answered + more;
        while (answered < until) std::this_thread::yield();
    };
    wait_for_progress(300);
    for (auto const manner : {postgres_server::how::fast, postgres_server::how::crash}) {
        server.stop(manner);
        // The store's transactions wait for it, too.
        std::promise<boost::system::error_code> unit;
        storage->store().run(
            chat::access::read_only, [](unit_of_work& in) { return in.any_room(); },
            [&](boost::system::error_code error) { unit.set_value(error); });
        server.start();
        CHECK_FALSE(unit.get_future().get());
        wait_for_progress(300);
    }
    enough = true;
    sender.join();

    std::vector<std::string> acknowledged;
    std::size_t failed = 0;
    for (auto const& outcome : probe.outcomes()) {
        if (!outcome.stored) {
            if (++failed == 1) MESSAGE("the first failure: " << outcome.stored.error().message());
            continue;
        }
        acknowledged.push_back(
            std::to_string(outcome.stored->room.value) + ' ' + std::to_string(outcome.stored->seq) +
            ' ' + std::to_string(outcome.stored->id.value) + ' ' + outcome.stored->content);
    }
    // The server was back before anyone's patience ended: not even a doubtful commit fails.
    CHECK(failed == 0);
    check_survivors(*storage, rooms, acknowledged);
    CHECK(acknowledged.size() == sent);
    std::lock_guard guard(events_mutex);
    CHECK(std::count(events.begin(), events.end(), "database_lost") == 2);
    CHECK(std::count(events.begin(), events.end(), "database_back") == 2);
}

TEST_CASE("while PostgreSQL stays away everything is refused in time") {
    postgres_server server;
    postgres_database const database(server.fresh_schema());
    auto options = database.options();
    options.wait_timeout = std::chrono::milliseconds(200);
    auto const storage = open_storage(options);
    auto const patient = open_storage(database.options());
    auto const room = make_room(*patient, {1});
    writer_probe probe(*storage);
    auto const before = in_time(
        options, [&] { return probe.store(message_of(room, 1, "before", "j")).stored; },
        ok<chat::stored_message>);
    REQUIRE(ok(before));
    server.stop();

    CHECK(probe.store(message_of(room, 1, "x", "k")).stored.error() == errc::store_unavailable);
    auto const read_any = [&] {
        return read(*storage,
                    [](unit_of_work& unit) -> chat::result<bool> { return unit.any_room(); });
    };
    auto refused = read_any();
    while (refused.error() == errc::store_busy) refused = read_any();
    CHECK(refused.error() == errc::store_unavailable);

    server.start();
    // Its first attempts may still fall into the pause after the last failure.
    while (!probe.store(message_of(room, 1, "x", "k")).stored) {
    }
    CHECK(in_time(options, read_any, ok<bool>).value());
    CHECK(history(*patient, room).size() == 2);
    CHECK(gapless(*patient, room));
}
