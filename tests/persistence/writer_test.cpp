#include "tests/persistence/database.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <set>

using namespace tests;
using chat::errc;
using chat::unit_of_work;

TEST_CASE_TEMPLATE("the writer stores a message and tells its number", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);

    auto sent = message_of(room, 1, "안녕하세요! 'x' \\ \" {} , NULL");
    sent.type = chat::message_type::leave;
    auto const outcome = probe.store(sent);
    REQUIRE(ok(outcome.stored));
    CHECK_FALSE(outcome.repeated);
    CHECK(outcome.stored->seq == 1);
    auto const found = history(*storage, room);
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == outcome.stored->id);
    CHECK(found[0].author == sent.author);
    CHECK(found[0].nickname == sent.nickname);
    CHECK(found[0].type == sent.type);
    CHECK(found[0].content == sent.content);
    CHECK(found[0].content == outcome.stored->content);
    CHECK(found[0].created_at == outcome.stored->created_at);
}

TEST_CASE_TEMPLATE("without a nickname the member's own is taken", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);
    auto message = message_of(room, 1, "x");
    message.nickname.clear();
    CHECK(probe.store(message).stored->nickname == "u1");
    CHECK(history(*storage, room)[0].nickname == "u1");
}

TEST_CASE_TEMPLATE("a message that fails its checks fails alone", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    auto const closed = make_room(*storage, {1});
    database.execute("UPDATE rooms SET deactivated_at = 1 WHERE id = " +
                     std::to_string(closed.value));
    writer_probe probe(*storage);

    probe.append(message_of(room, 1, "first"));
    probe.append(message_of(chat::room_id{999}, 1, "nowhere"));
    probe.append(message_of(room, 2, "stranger"));
    probe.append(message_of(closed, 1, "too late"));
    probe.append(message_of(room, 1, std::string("n\0l", 3)));
    probe.append(message_of(room, 1, "\xff"));
    probe.append(message_of(room, 1, "second"));
    std::multiset<int> errors;
    for (auto const& outcome : probe.outcomes()) {
        if (!outcome.stored) errors.insert(outcome.stored.error().value());
    }
    CHECK(errors == std::multiset<int>{int(errc::no_such_room), int(errc::not_a_member),
                                       int(errc::room_inactive), int(errc::bad_field),
                                       int(errc::bad_field)});
    auto const found = history(*storage, room);
    REQUIRE(found.size() == 2);
    CHECK(found[0].content == "first");
    CHECK(found[1].content == "second");
    CHECK(gapless(*storage, room));
    CHECK(gapless(*storage, closed));
}

TEST_CASE_TEMPLATE("who has left cannot write, who came back can", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);
    chat::user_id const user{1};
    write(*storage, [&](unit_of_work& unit) { return unit.remove_member(room, user); }).value();
    CHECK(probe.store(message_of(room, 1, "x")).stored.error() == errc::not_a_member);
    write(*storage, [&](unit_of_work& unit) {
        return unit.add_member(room, user, "n", chat::member_role::member);
    }).value();
    CHECK(ok(probe.store(message_of(room, 1, "x")).stored));
}

TEST_CASE_TEMPLATE("a repeated key gets the first answer, in the batch and later", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1, 2});
    writer_probe probe(*storage);

    // The first message is being stored while the others gather into one batch.
    probe.append(message_of(room, 1, "start"));
    for (int i = 0; i != 3; ++i) probe.append(message_of(room, 1, "once", "k"));
    probe.append(message_of(room, 1, "other", "k"));
    probe.append(message_of(room, 2, "mine", "k"));
    auto const outcomes = probe.outcomes();
    REQUIRE(outcomes.size() == 6);
    CHECK(outcomes[1].stored->seq == 2);
    CHECK_FALSE(outcomes[1].repeated);
    for (std::size_t const i : {2U, 3U}) {
        CHECK(outcomes[i].repeated);
        CHECK(outcomes[i].stored->seq == 2);
        CHECK(outcomes[i].stored->id == outcomes[1].stored->id);
        CHECK(outcomes[i].stored->content == "once");
    }
    CHECK(outcomes[4].stored.error() == errc::idempotency_conflict);
    CHECK(outcomes[5].stored->seq == 3);

    auto const later = probe.store(message_of(room, 1, "once", "k"));
    CHECK(later.repeated);
    CHECK(later.stored->id == outcomes[1].stored->id);
    CHECK(later.stored->nickname == outcomes[1].stored->nickname);
    CHECK(later.stored->created_at == outcomes[1].stored->created_at);
    CHECK(probe.store(message_of(room, 1, "else", "k")).stored.error() ==
          errc::idempotency_conflict);

    // The first answer stands, whatever became of the sender since.
    write(*storage, [&](unit_of_work& unit) {
        return unit.remove_member(room, chat::user_id{1});
    }).value();
    CHECK(probe.store(message_of(room, 1, "once", "k")).stored->seq == 2);
    // Also after an edit, which the retry cannot know of.
    database.execute("UPDATE messages SET content = 'edited', edited_at = 1 WHERE seq = 2");
    CHECK(probe.store(message_of(room, 1, "once", "k")).repeated);
    CHECK(history(*storage, room).size() == 3);
}

TEST_CASE_TEMPLATE(
    "one thread's messages keep their order, and batches come in that of the commits", Database,
    BOTH) {
    Database database;
    auto options = database.options();
    options.batch_count = 16;
    auto const storage = open_storage(options);
    std::vector<chat::room_id> rooms;
    for (int i = 0; i != 3; ++i) rooms.push_back(make_room(*storage, {1, 2, 3, 4}));
    writer_probe probe(*storage);

    std::vector<std::thread> threads;
    for (std::uint64_t author = 1; author != 5; ++author) {
        threads.emplace_back([&, author] {
            for (int i = 0; i != 100; ++i) {
                probe.append(
                    message_of(rooms[static_cast<std::size_t>(i) % 3], author, std::to_string(i)));
            }
        });
    }
    for (auto& thread : threads) thread.join();

    std::map<std::uint64_t, std::uint64_t> last_seq;
    for (auto const& outcome : probe.outcomes()) {
        auto& last = last_seq[outcome.stored.value().room.value];
        CHECK(outcome.stored->seq == last + 1);
        last = outcome.stored->seq;
    }
    CHECK(probe.batches() >= 25);
    for (auto const room : rooms) {
        CHECK(gapless(*storage, room));
        std::map<std::uint64_t, int> last_of;
        for (auto const& message : history(*storage, room)) {
            auto const [at, first] = last_of.try_emplace(message.author.value, -1);
            CHECK(std::stoi(message.content) > at->second);
            at->second = std::stoi(message.content);
        }
    }
}

TEST_CASE_TEMPLATE("several nodes, their writers and transactions, leave no gap and no double",
                   Database, BOTH) {
    Database database;
    auto options = database.options();
    options.batch_count = 8;
    options.threads = 2;
    std::vector<std::unique_ptr<persistence::storage>> nodes;
    for (int i = 0; i != 3; ++i) nodes.push_back(open_storage(options));
    std::vector<chat::room_id> rooms;
    for (int i = 0; i != 4; ++i) rooms.push_back(make_room(*nodes[0], {1}));

    std::atomic<std::size_t> stored = 0;
    std::vector<std::thread> threads;
    for (auto& node : nodes) {
        threads.emplace_back([&] {
            writer_probe probe(*node);
            for (std::size_t i = 0; i != 200; ++i) {
                // The same keys on every node: each is stored by whoever comes first.
                auto const key = i % 10 == 0 ? "shared-" + std::to_string(i) : std::string();
                probe.append(message_of(rooms[i % 4], 1, std::to_string(i), key));
            }
            for (auto const& outcome : probe.outcomes()) {
                if (outcome.stored.value().seq > 0 && !outcome.repeated) ++stored;
            }
        });
        threads.emplace_back([&] {
            for (std::size_t i = 0; i != 40; ++i) {
                write(*node, [&](unit_of_work& unit) {
                    return unit.append(message_of(rooms[i % 4], 1, "unit"));
                }).value();
                ++stored;
            }
        });
    }
    for (auto& thread : threads) thread.join();

    CHECK(stored == 3 * 180 + 20 + 3 * 40);
    std::size_t found = 0;
    for (auto const room : rooms) {
        CHECK(gapless(*nodes[0], room));
        found += history(*nodes[0], room).size();
    }
    CHECK(found == stored);
    CHECK(database.number("SELECT count(DISTINCT id) FROM messages") ==
          static_cast<std::int64_t>(stored));
}

TEST_CASE_TEMPLATE("over the bound of waiting messages the writer is busy, and then again not",
                   Database, BOTH) {
    Database database;
    auto options = database.options();
    options.queue_count = 10;
    options.queue_bytes = 1000;
    auto const storage = open_storage(options);
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);
    std::promise<void> reached;
    std::promise<void> let_go;
    auto const gone = let_go.get_future().share();
    std::atomic<bool> first = true;
    probe.on_batch_hook = [&](auto const&) {
        if (!first.exchange(false)) return;
        reached.set_value();
        gone.wait();
    };
    probe.append(message_of(room, 1, "x"));
    reached.get_future().wait();

    SUBCASE("by number") {
        for (int i = 0; i != 15; ++i) probe.append(message_of(room, 1, "x"));
    }
    SUBCASE("by bytes") {
        // 10 such messages do not fit, with their nicknames of 2 bytes; 4 do.
        for (int i = 0; i != 9; ++i) probe.append(message_of(room, 1, std::string(240, 'x')));
    }
    SUBCASE("in one piece, whose first ones fit") {
        probe.append_all(std::vector(15, message_of(room, 1, "x")));
    }
    let_go.set_value();
    std::size_t busy = 0;
    for (auto const& outcome : probe.outcomes()) {
        if (outcome.stored) continue;
        CHECK(outcome.stored.error() == errc::store_busy);
        ++busy;
    }
    CHECK(busy == 5);
    CHECK(ok(probe.store(message_of(room, 1, "later")).stored));
    CHECK(gapless(*storage, room));
}

TEST_CASE_TEMPLATE("messages that are given in one piece are committed together", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);
    std::vector<chat::new_message> piece;
    for (int i = 0; i != 50; ++i) piece.push_back(message_of(room, 1, std::to_string(i)));

    SUBCASE("in their order") {
        probe.append_all(piece);
        auto const outcomes = probe.outcomes();
        CHECK(probe.batches() == 1);
        for (std::size_t i = 0; i != outcomes.size(); ++i) {
            REQUIRE(ok(outcomes[i].stored));
            CHECK(outcomes[i].stored->seq == i + 1);
            CHECK(outcomes[i].stored->content == std::to_string(i));
        }
        probe.append_all(piece);
        CHECK(probe.outcomes().size() == 100);
        CHECK(probe.batches() == 2);
    }
    SUBCASE("but for those that are refused") {
        piece[0].content = "not UTF-8 \xff";
        piece[7].author = chat::user_id{2};
        piece[49].room = chat::room_id{999};
        probe.append_all(piece);
        std::vector<errc> refused;
        for (auto const& outcome : probe.outcomes()) {
            if (!outcome.stored)
                refused.push_back(static_cast<errc>(outcome.stored.error().value()));
        }
        CHECK(refused == std::vector{errc::bad_field, errc::not_a_member, errc::no_such_room});
        CHECK(history(*storage, room).size() == 47);
    }
    SUBCASE("and none is no message") {
        probe.append_all({});
        CHECK(ok(probe.store(piece[0]).stored));
        CHECK(probe.batches() == 1);
    }
    CHECK(gapless(*storage, room));
}

TEST_CASE_TEMPLATE("a message larger than a batch is stored alone", Database, BOTH) {
    Database database;
    auto options = database.options();
    options.batch_bytes = 1000;
    auto const storage = open_storage(options);
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);
    for (int i = 0; i != 5; ++i) {
        probe.append(message_of(room, 1, std::string(i == 2 ? 100'000 : 10, 'x')));
    }
    for (auto const& outcome : probe.outcomes()) CHECK(ok(outcome.stored));
    CHECK(history(*storage, room)[2].content.size() == 100'000);
}

TEST_CASE_TEMPLATE("ending the writer stores what waits", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);
    for (int i = 0; i != 500; ++i) probe.append(message_of(room, 1, "x"));
    probe.stop();
    for (auto const& outcome : probe.outcomes()) CHECK(ok(outcome.stored));
    CHECK(history(*storage, room).size() == 500);
}

TEST_CASE_TEMPLATE("a message that the database itself refuses does not harm its neighbours",
                   Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    database.execute(
        "CREATE UNIQUE INDEX no_second_bomb ON messages (content)"
        " WHERE content LIKE 'bomb%'");
    writer_probe probe(*storage);
    probe.append(message_of(room, 1, "bomb"));
    for (int i = 0; i != 5; ++i) probe.append(message_of(room, 1, i == 2 ? "bomb" : "fine"));
    std::size_t refused = 0;
    for (auto const& outcome : probe.outcomes()) refused += outcome.stored ? 0 : 1;
    CHECK(refused == 1);
    CHECK(history(*storage, room).size() == 5);
    CHECK(gapless(*storage, room));
}

TEST_CASE("SQLite's log stays bounded although readers never pause") {
    sqlite_database database;
    auto options = database.options();
    options.batch_count = 4;
    auto const storage = open_storage(options);
    auto const room = make_room(*storage, {1});
    auto const small = make_room(*storage, {1});
    writer_probe probe(*storage);
    probe.append(message_of(small, 1, "x"));
    probe.outcomes();
    std::atomic<bool> enough = false;
    std::vector<std::thread> readers;
    for (int i = 0; i != 3; ++i) {
        readers.emplace_back([&] {
            while (!enough) {
                // Short, as how far beyond 64 MiB the log gets depends on the slowest of them.
                read(*storage, [&](unit_of_work& unit) -> chat::result<bool> {
                    unit.read_before(small, 10, 10);
                    return true;
                }).value();
            }
        });
    }
    std::uintmax_t longest = 0;
    for (int i = 0; i != 200; ++i) {
        probe.append(message_of(room, 1, std::string(1'000'000, 'x')));
        if (i % 20 != 19) continue;
        probe.outcomes();
        longest = std::max(longest, std::filesystem::file_size(options.location + "-wal"));
    }
    enough = true;
    for (auto& reader : readers) reader.join();
    CHECK(longest < 100'000'000);  // all that was written would be 200 MB
    CHECK(history(*storage, room).size() == 200);
}

TEST_CASE_TEMPLATE("the writer fills the outbox when someone empties it", Database, BOTH) {
    Database database;
    auto options = database.options();
    options.outbox = true;
    auto const storage = open_storage(options);
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);
    for (int i = 0; i != 3; ++i) probe.append(message_of(room, 1, "x", "k" + std::to_string(i)));
    probe.append(message_of(room, 1, "x", "k0"));
    probe.outcomes();
    CHECK(database.number("SELECT count(*) FROM outbox JOIN messages"
                          " ON messages.room_id = outbox.room_id AND messages.seq = outbox.seq") ==
          3);
}

TEST_CASE_TEMPLATE("a probe goes through the writer and changes nothing", Database, BOTH) {
    Database database;
    auto const storage = open_storage(database.options());
    auto const room = make_room(*storage, {1});
    writer_probe probe(*storage);
    probe.append(message_of(room, 1, "before"));
    std::promise<boost::system::error_code> told;
    probe.writer().probe([&](boost::system::error_code failed) { told.set_value(failed); });
    CHECK_FALSE(told.get_future().get());
    CHECK(probe.outcomes().size() == 1);
    REQUIRE(ok(probe.store(message_of(room, 1, "after")).stored));
    CHECK(history(*storage, room).size() == 2);
}
