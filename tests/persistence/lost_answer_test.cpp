#include "tests/persistence/cutting_proxy.hpp"
#include "tests/persistence/database.hpp"
#include "tests/support/postgres_server.hpp"

#include <doctest/doctest.h>
#include <chrono>
#include <future>
#include <string>
#include <thread>

// Connections to PostgreSQL that break at the moments that matter.

using namespace tests;
using namespace std::chrono_literals;
using chat::errc;
using chat::unit_of_work;
using side = cutting_proxy::side;

namespace {

struct behind_a_proxy {
    explicit behind_a_proxy(std::chrono::milliseconds patience = 10s,
                            std::chrono::milliseconds longest_statement = 5s) {
        options = database.options();
        options.wait_timeout = patience;
        options.statement_timeout = longest_statement;
        options.connect_timeout = longest_statement;
        options.threads = 1;
        // The last of two equal keys counts.
        options.location += " port=" + std::to_string(proxy.port());
        storage = open_storage(options);
        room = make_room(*open_storage(database.options()), {1});
        // From here on its thread has a connection.
        auto const look = [](unit_of_work& unit) -> chat::result<bool> { return unit.any_room(); };
        auto const found = in_time(
            options, [&] { return read(*storage, look); }, ok<bool>);
        REQUIRE(ok(found));
    }

    chat::write_outcome stored(writer_probe& by, chat::new_message const& message) {
        auto outcome = in_time(
            options, [&] { return by.store(message); },
            [](chat::write_outcome const& told) { return ok(told.stored); });
        REQUIRE(ok(outcome.stored));
        return outcome;
    }

    cutting_proxy proxy{postgres_server::shared().port()};
    postgres_database database;
    persistence::storage_options options;
    std::unique_ptr<persistence::storage> storage;
    chat::room_id room;
};

struct behind_an_impatient_proxy : behind_a_proxy {
    behind_an_impatient_proxy() : behind_a_proxy(300ms) {}
};

}  // namespace

TEST_CASE_FIXTURE(behind_a_proxy, "a commit whose answer is lost is found, and not made twice") {
    writer_probe probe(*storage);
    REQUIRE(ok(probe.store(message_of(room, 1, "first")).stored));
    proxy.cut_at(side::server, "COMMIT");

    auto const outcome = probe.store(message_of(room, 1, "second"));
    REQUIRE(proxy.cuts() == 1);
    REQUIRE(ok(outcome.stored));
    CHECK(outcome.stored->seq == 2);
    CHECK(outcome.stored->content == "second");
    CHECK_FALSE(outcome.repeated);
    auto const found = history(*storage, room);
    REQUIRE(found.size() == 2);
    CHECK(found[1].id == outcome.stored->id);
    CHECK(found[1].created_at == outcome.stored->created_at);
    CHECK(gapless(*storage, room));
}

TEST_CASE_FIXTURE(behind_a_proxy, "a batch that is lost before its commit is stored once") {
    writer_probe probe(*storage);
    REQUIRE(ok(probe.store(message_of(room, 1, "first")).stored));
    SUBCASE("while it asks") {
        proxy.cut_at(side::client, "lock_rooms");
    }
    SUBCASE("while it waits for the facts") {
        proxy.cut_at(side::server, "SELECT");
    }
    SUBCASE("while it writes") {
        proxy.cut_at(side::client, "insert_messages");
    }

    auto const outcome = probe.store(message_of(room, 1, "second"));
    REQUIRE(proxy.cuts() == 1);
    REQUIRE(ok(outcome.stored));
    CHECK(outcome.stored->seq == 2);
    CHECK(history(*storage, room).size() == 2);
    CHECK(gapless(*storage, room));
}

TEST_CASE_FIXTURE(behind_a_proxy, "another node may write while an answer is lost") {
    writer_probe probe(*storage);
    REQUIRE(ok(probe.store(message_of(room, 1, "first")).stored));
    auto const other = open_storage(database.options());
    proxy.cut_at(side::client, "insert_messages");
    auto const outcome = probe.store(message_of(room, 1, "second"));
    writer_probe neighbour(*other);
    auto const theirs = neighbour.store(message_of(room, 1, "third"));
    CHECK(outcome.stored->seq == 2);
    CHECK(theirs.stored->seq == 3);
    CHECK(gapless(*storage, room));
}

TEST_CASE_FIXTURE(behind_a_proxy, "a transaction whose commit is not answered is not run again") {
    // The reader's and the writer's connections are the store's own; all of them are warm.
    proxy.cut_at(side::server, "COMMIT");
    int runs = 0;
    auto const made = write(*storage, [&](unit_of_work& unit) {
        ++runs;
        return unit.create_room({});
    });
    CHECK(proxy.cuts() == 1);
    CHECK(made.error() == errc::store_in_doubt);
    CHECK(runs == 1);
    CHECK(database.number("SELECT count(*) FROM rooms") == 2);
}

TEST_CASE_FIXTURE(behind_a_proxy, "a transaction whose commit may not have arrived is in doubt") {
    proxy.cut_at(side::client, std::string("COMMIT\0", 7));  // not READ COMMITTED
    auto const made = write(*storage, [](unit_of_work& unit) { return unit.create_room({}); });
    CHECK(proxy.cuts() == 1);
    CHECK(made.error() == errc::store_in_doubt);
    CHECK(database.number("SELECT count(*) FROM rooms") == 1);
}

TEST_CASE_FIXTURE(behind_a_proxy, "a reader whose commit is not answered reads again") {
    proxy.cut_at(side::server, "COMMIT");
    auto const found = read(*storage, [&](unit_of_work& unit) { return unit.find_room(room); });
    CHECK(proxy.cuts() == 1);
    CHECK(ok(found));
}

TEST_CASE_FIXTURE(behind_an_impatient_proxy, "a commit was sent, and the database stays away") {
    writer_probe probe(*storage);
    stored(probe, message_of(room, 1, "first", "j"));
    auto committed = 0;
    SUBCASE("when it has committed") {
        proxy.cut_and_stay_away(side::server, "COMMIT");
        committed = 1;
    }
    SUBCASE("when nothing has arrived") {
        proxy.cut_and_stay_away(side::client, "insert_messages");
    }

    CHECK(probe.store(message_of(room, 1, "second", "k")).stored.error() == errc::store_in_doubt);
    CHECK(proxy.cuts() == 1);
    CHECK(database.number("SELECT count(*) FROM messages") == 1 + committed);
    // Nothing of these was sent.
    CHECK(probe.store(message_of(room, 1, "third", "l")).stored.error() == errc::store_unavailable);
    auto const make = [&] {
        return write(*storage, [](unit_of_work& unit) { return unit.create_room({}); });
    };
    auto made = make();
    while (made.has_error() && made.error() == errc::store_busy) made = make();
    CHECK(ok(made));  // over a connection that the store had before
    CHECK(database.number("SELECT count(*) FROM messages") == 1 + committed);

    proxy.open();
    auto const again = stored(probe, message_of(room, 1, "second", "k"));
    CHECK(again.stored->seq == 2);
    CHECK(again.repeated == (committed == 1));
    CHECK(gapless(*storage, room));
}

TEST_CASE_FIXTURE(behind_an_impatient_proxy, "without a commit that was sent there is no doubt") {
    writer_probe probe(*storage);
    stored(probe, message_of(room, 1, "first", "j"));
    proxy.cut_and_stay_away(side::client, "lock_rooms");
    CHECK(probe.store(message_of(room, 1, "x", "k")).stored.error() == errc::store_unavailable);
    CHECK(proxy.cuts() == 1);
    CHECK(database.number("SELECT count(*) FROM messages") == 1);
    proxy.open();
    CHECK_FALSE(stored(probe, message_of(room, 1, "x", "k")).repeated);
}

TEST_CASE_FIXTURE(behind_an_impatient_proxy, "a big batch that breaks at its commit is in doubt") {
    // More than libpq keeps: the COMMIT leaves before what follows it.
    writer_probe probe(*storage);
    auto const big = std::string(100'000, 'x');
    stored(probe, message_of(room, 1, big, "j"));
    proxy.cut_and_stay_away(side::server, "COMMIT");
    CHECK(probe.store(message_of(room, 1, big, "k")).stored.error() == errc::store_in_doubt);
    CHECK(database.number("SELECT count(*) FROM messages") == 2);
    proxy.open();
    CHECK(stored(probe, message_of(room, 1, big, "k")).repeated);
    CHECK(gapless(*storage, room));
}

TEST_CASE_FIXTURE(behind_a_proxy, "a transaction that breaks before its commit is run again") {
    proxy.cut_at(side::client, "INSERT INTO rooms");
    int runs = 0;
    auto const made = write(*storage, [&](unit_of_work& unit) {
        ++runs;
        return unit.create_room({});
    });
    CHECK(proxy.cuts() == 1);
    CHECK(runs == 2);
    CHECK(ok(made));
    CHECK(database.number("SELECT count(*) FROM rooms") == 2);
}

TEST_CASE_FIXTURE(behind_an_impatient_proxy,
                  "a probe finds a database that is away, and one that is back") {
    writer_probe probe(*storage);
    auto const answer = [&] {
        std::promise<boost::system::error_code> told;
        probe.writer().probe([&](boost::system::error_code failed) { told.set_value(failed); });
        return told.get_future().get();
    };
    CHECK_FALSE(answer());
    proxy.cut_and_stay_away(side::client, "takes_writes");
    CHECK(answer() == errc::store_unavailable);
    proxy.open();
    // The writer pauses between its attempts to connect.
    while (answer()) std::this_thread::yield();
    CHECK_FALSE(stored(probe, message_of(room, 1, "x", "k")).repeated);
}

TEST_CASE_FIXTURE(behind_a_proxy, "a probe on a connection that broke makes a new one") {
    writer_probe probe(*storage);
    REQUIRE(ok(probe.store(message_of(room, 1, "first")).stored));
    proxy.cut_at(side::client, "takes_writes");
    std::promise<boost::system::error_code> told;
    probe.writer().probe([&](boost::system::error_code failed) { told.set_value(failed); });
    CHECK_FALSE(told.get_future().get());
    CHECK(proxy.cuts() == 1);
}

namespace {

// One whose silence is soon noticed. What waits for an answer without an end would end the test.
struct behind_a_stalling_proxy : behind_a_proxy {
    behind_a_stalling_proxy() : behind_a_proxy(2s, 1s) {}
};

}  // namespace

TEST_CASE_FIXTURE(behind_a_stalling_proxy, "a message is answered though the database is silent") {
    writer_probe probe(*storage);
    stored(probe, message_of(room, 1, "first", "j"));
    auto why = errc::store_unavailable;
    auto committed = 0;
    SUBCASE("when asked") {
        proxy.stall_at(side::client, "lock_rooms");
    }
    SUBCASE("in the middle of its answers") {
        proxy.stall_at(side::server, "SELECT");
    }
    SUBCASE("when told to commit") {
        proxy.stall_at(side::client, "insert_messages");
        why = errc::store_in_doubt;
    }
    SUBCASE("after it has committed") {
        proxy.stall_at(side::server, "COMMIT");
        why = errc::store_in_doubt;
        committed = 1;
    }

    CHECK(probe.store(message_of(room, 1, "second", "k")).stored.error() == why);
    CHECK(proxy.cuts() == 1);
    CHECK(probe.store(message_of(room, 1, "third", "l")).stored.error() == errc::store_unavailable);
    CHECK(database.number("SELECT count(*) FROM messages") == 1 + committed);

    proxy.open();
    auto const again = stored(probe, message_of(room, 1, "second", "k"));
    CHECK(again.stored->seq == 2);
    CHECK(again.repeated == (committed == 1));
    CHECK(gapless(*storage, room));
}

TEST_CASE_FIXTURE(behind_a_stalling_proxy, "a job is answered though the database is silent") {
    auto const make = [&] {
        return write(*storage, [](unit_of_work& unit) { return unit.create_room({}); });
    };
    auto why = errc::store_unavailable;
    auto committed = 0;
    SUBCASE("when it begins") {
        proxy.stall_at(side::client, "BEGIN");
    }
    SUBCASE("in the middle") {
        proxy.stall_at(side::client, "INSERT INTO rooms");
    }
    SUBCASE("after it has committed") {
        proxy.stall_at(side::server, "COMMIT");
        why = errc::store_in_doubt;
        committed = 1;
    }

    CHECK(make().error() == why);
    CHECK(proxy.cuts() == 1);
    CHECK(make().error() == errc::store_unavailable);
    CHECK(database.number("SELECT count(*) FROM rooms") == 1 + committed);

    proxy.open();
    auto const made = in_time(options, make, ok<chat::room>);
    CHECK(ok(made));
}

TEST_CASE_FIXTURE(behind_a_stalling_proxy, "a storage ends though the database is silent") {
    {
        writer_probe probe(*storage);
        stored(probe, message_of(room, 1, "first"));
        // The reader's connection is idle, the writer's waits.
        proxy.stall_at(side::client, "lock_rooms");
        probe.append(message_of(room, 1, "second"));
    }
    storage.reset();
    CHECK(proxy.cuts() == 1);
}
