#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <atomic>
#include <set>
#include <thread>

using namespace tests;
using namespace std::chrono_literals;
using chat::outbox_entry;
using chat::unit_of_work;

namespace {

constexpr auto long_lease = 60s;

template <typename Database>
persistence::storage_options with_outbox(Database const& database) {
    auto options = database.options();
    options.outbox = true;
    return options;
}

constexpr std::size_t any_bytes = 1'000'000;

std::vector<outbox_entry> take(chat::outbox& from, std::size_t rows,
                               std::chrono::milliseconds lease = long_lease,
                               std::size_t bytes = any_bytes) {
    auto taken = from.take({.rows = rows, .bytes = bytes}, lease);
    REQUIRE(ok(taken));
    return std::move(*taken);
}

std::vector<std::uint64_t> rows(std::vector<outbox_entry> const& entries) {
    std::vector<std::uint64_t> found;
    for (auto const& entry : entries) found.push_back(entry.row);
    return found;
}

std::vector<std::string> contents(std::vector<outbox_entry> const& entries) {
    std::vector<std::string> found;
    for (auto const& entry : entries) found.push_back(entry.message.content);
    return found;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE_TEMPLATE("the outbox gives each stored message with its room, oldest first", Database,
                   BOTH) {
    Database database;
    auto const storage = open_storage(with_outbox(database));
    chat::new_room fields;
    fields.name = "club";
    fields.type = chat::room_type::private_room;
    auto const room = make_room(*storage, {1, 2}, fields);
    writer_probe writer(*storage);
    auto const stored = writer.store(message_of(room, 1, "안녕 \"x\"")).stored.value();
    auto join = message_of(room, 2, "second");
    join.type = chat::message_type::join;
    auto const joined =
        write(*storage, [&](unit_of_work& unit) { return unit.append(join); }).value();

    auto const outbox = storage->open_outbox();
    auto const taken = take(*outbox, 10);
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].kind == chat::outbox_kind::message_created);
    CHECK(taken[0].message.id == stored.id);
    CHECK(taken[0].message.room == room);
    CHECK(taken[0].message.seq == 1);
    CHECK(taken[0].message.author == chat::user_id{1});
    CHECK(taken[0].message.nickname == stored.nickname);
    CHECK(taken[0].message.type == chat::message_type::chat);
    CHECK(taken[0].message.content == stored.content);
    CHECK(taken[0].message.created_at == stored.created_at);
    CHECK(taken[0].type_of_room == chat::room_type::private_room);
    CHECK(taken[0].room_name == "club");
    CHECK_FALSE(taken[0].receiver);
    CHECK(taken[1].message.id == joined.id);
    CHECK(taken[1].message.type == chat::message_type::join);
    CHECK(ok(outbox->remove(rows(taken))));
    CHECK(database.number("SELECT count(*) FROM outbox") == 0);
}

TEST_CASE_TEMPLATE("a direct message's entry names its receiver, on either side", Database, BOTH) {
    Database database;
    auto const storage = open_storage(with_outbox(database));
    auto const room = write(*storage, [](unit_of_work& unit) {
                          unit.remember_user(chat::user_id{7}, "seven");
                          unit.remember_user(chat::user_id{3}, "three");
                          return unit.open_direct_room(chat::user_id{7}, chat::user_id{3});
                      }).value();
    writer_probe writer(*storage);
    REQUIRE(ok(writer.store(message_of(room.id, 7, "to three")).stored));
    REQUIRE(ok(writer.store(message_of(room.id, 3, "to seven")).stored));

    auto const taken = take(*storage->open_outbox(), 10);
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].receiver == chat::user_id{3});
    CHECK(taken[1].receiver == chat::user_id{7});
    CHECK(taken[1].type_of_room == chat::room_type::direct);
}

TEST_CASE_TEMPLATE("an invitation is an entry of its own, and only with an outbox", Database,
                   BOTH) {
    for (bool const outbox : {false, true}) {
        Database database;
        auto options = database.options();
        options.outbox = outbox;
        auto const storage = open_storage(options);
        auto const room = make_room(*storage, {1});
        auto join = message_of(room, 5, "hello");
        join.invited = true;
        auto const added = write(*storage, [&](unit_of_work& unit) { return unit.append(join); });
        REQUIRE(ok(added));
        auto const taken = take(*storage->open_outbox(), 10);
        REQUIRE(taken.size() == (outbox ? 2 : 0));
        if (!outbox) continue;
        CHECK(taken[1].kind == chat::outbox_kind::member_invited);
        CHECK(taken[1].message.id == added->id);
        CHECK(taken[1].message.author == chat::user_id{5});
    }
}

TEST_CASE_TEMPLATE("rows that somebody holds are given to nobody else until they come back",
                   Database, BOTH) {
    Database database;
    auto const storage = open_storage(with_outbox(database));
    auto const room = make_room(*storage, {1});
    writer_probe writer(*storage);
    for (auto const* text : {"a", "b", "c", "d"}) writer.append(message_of(room, 1, text));
    writer.outcomes();
    auto const ours = storage->open_outbox();
    auto const theirs = storage->open_outbox();

    auto const first = take(*ours, 2);
    CHECK(contents(first) == texts{"a", "b"});
    CHECK(contents(take(*theirs, 10)) == texts{"c", "d"});
    CHECK(take(*theirs, 10).empty());
    CHECK(take(*ours, 10).empty());

    CHECK(ok(ours->give_back(rows(first))));
    CHECK(contents(take(*theirs, 10)) == texts{"a", "b"});
}

TEST_CASE_TEMPLATE("no more bytes are taken than asked for, and at least one row", Database, BOTH) {
    Database database;
    auto const storage = open_storage(with_outbox(database));
    auto const room = make_room(*storage, {1});
    writer_probe writer(*storage);
    // Three bytes each; the large one is more than is ever asked for.
    auto const large = std::string(100'000, 'x');
    for (auto const& text : texts{"가", "나", "다", large, "라"}) {
        writer.append(message_of(room, 1, text));
    }
    writer.outcomes();
    auto const outbox = storage->open_outbox();
    auto const next = [&](std::size_t bytes) {
        return contents(take(*outbox, 10, long_lease, bytes));
    };

    CHECK(next(4) == texts{"가", "나"});
    CHECK(next(3) == texts{"다"});
    CHECK(next(1) == texts{large});
    CHECK(next(4) == texts{"라"});
    CHECK(next(4).empty());
}

TEST_CASE_TEMPLATE("the rows of one who died are free when the lease has ended", Database, BOTH) {
    Database database;
    auto const storage = open_storage(with_outbox(database));
    auto const room = make_room(*storage, {1});
    writer_probe writer(*storage);
    writer.store(message_of(room, 1, "x"));
    CHECK(take(*storage->open_outbox(), 10, 60s).size() == 1);  // and is never heard of again
    auto const other = storage->open_outbox();
    CHECK(take(*other, 10).empty());
    database.execute("UPDATE outbox SET claimed_until = claimed_until - 59000");
    CHECK(take(*other, 10).empty());
    database.execute("UPDATE outbox SET claimed_until = claimed_until - 1001");
    CHECK(take(*other, 10).size() == 1);
}

TEST_CASE_TEMPLATE("many who take at once never get the same row", Database, BOTH) {
    Database database;
    auto const storage = open_storage(with_outbox(database));
    auto const room = make_room(*storage, {1});
    constexpr std::size_t count = 2'000;
    {
        writer_probe writer(*storage);
        for (std::size_t i = 0; i != count; ++i) writer.append(message_of(room, 1, "x"));
        writer.outcomes();
    }
    std::mutex mutex;
    std::multiset<std::uint64_t> seqs;
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i) {
        threads.emplace_back([&] {
            auto const outbox = storage->open_outbox();
            for (;;) {
                auto const taken = outbox->take({.rows = 50, .bytes = any_bytes}, long_lease);
                if (!taken || taken->empty()) return;
                if (!outbox->remove(rows(*taken))) return;
                std::lock_guard guard(mutex);
                for (auto const& entry : *taken) seqs.insert(entry.message.seq);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(seqs.size() == count);
    CHECK(std::set(seqs.begin(), seqs.end()).size() == count);
    CHECK(database.number("SELECT count(*) FROM outbox") == 0);
}

TEST_CASE_TEMPLATE("a row whose message is gone is dropped, one of a newer program is left alone",
                   Database, BOTH) {
    Database database;
    auto options = with_outbox(database);
    std::atomic<int> dropped = 0;
    options.on_event = [&](persistence::storage_event const& event) {
        if (event.name == "outbox_rows_dropped") ++dropped;
    };
    auto const storage = open_storage(options);
    auto const room = make_room(*storage, {1});
    writer_probe writer(*storage);
    writer.store(message_of(room, 1, "x"));
    writer.store(message_of(room, 1, "y"));
    database.execute("DELETE FROM messages WHERE seq = 1");
    database.execute("INSERT INTO outbox (event, room_id, seq, created_at) VALUES (99, 1, 2, 0)");

    auto const taken = take(*storage->open_outbox(), 10);
    CHECK(contents(taken) == texts{"y"});
    CHECK(dropped == 1);
    CHECK(database.number("SELECT count(*) FROM outbox") == 2);
    CHECK(database.number("SELECT count(*) FROM outbox WHERE event = 99") == 1);
}

TEST_CASE("an outbox whose connection was cut connects again") {
    postgres_database database;
    auto const storage = open_storage(with_outbox(database));
    auto const room = make_room(*storage, {1});
    writer_probe writer(*storage);
    writer.store(message_of(room, 1, "x"));
    auto const outbox = storage->open_outbox();
    auto const taken = take(*outbox, 1);
    database.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()");
    CHECK_FALSE(ok(outbox->remove(rows(taken))));
    CHECK(ok(outbox->remove(rows(taken))));
    CHECK(database.number("SELECT count(*) FROM outbox") == 0);
}
