#include "tests/persistence/cutting_proxy.hpp"
#include "tests/persistence/database.hpp"
#include "tests/support/postgres_server.hpp"

#include <doctest/doctest.h>

// Connections to PostgreSQL that break at the moments that matter.

using namespace tests;
using chat::errc;
using chat::unit_of_work;
using side = cutting_proxy::side;

namespace {

struct behind_a_proxy {
    behind_a_proxy() {
        auto options = database.options();
        // The last of two equal keys counts.
        options.location += " port=" + std::to_string(proxy.port());
        storage = open_storage(options);
        room = make_room(*storage, {1});
    }

    cutting_proxy proxy{postgres_server::shared().port()};
    postgres_database database;
    std::unique_ptr<persistence::storage> storage;
    chat::room_id room;
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
    CHECK(made.error() == errc::store_unavailable);
    CHECK(runs == 1);
    CHECK(database.number("SELECT count(*) FROM rooms") == 2);
}

TEST_CASE_FIXTURE(behind_a_proxy, "a transaction that breaks before its commit is run again") {
    proxy.cut_at(side::client, "INSERT INTO rooms");
    int runs = 0;
    auto const made = write(*storage, [&](unit_of_work& unit) {
        ++runs;
        return unit.create_room({});
    });
    // The statement may be prepared on this connection already; then nothing is cut.
    CHECK(runs == 1 + proxy.cuts());
    CHECK(ok(made));
    CHECK(database.number("SELECT count(*) FROM rooms") == 2);
}
