#include "tests/persistence/database.hpp"
#include "tests/support/postgres_server.hpp"

#include <doctest/doctest.h>
#include <atomic>
#include <filesystem>
#include <fstream>

using namespace tests;

namespace {

// Why the storage does not open; empty when it does.
std::string complaint(persistence::storage_options const& options) {
    try {
        open_storage(options);
        return {};
    } catch (persistence::storage_error const& error) {
        return error.what();
    }
}

bool says(std::string const& text, std::string const& part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
}

persistence::storage_options on_postgres(std::string location) {
    persistence::storage_options options;
    options.kind = persistence::backend::postgresql;
    options.location = std::move(location);
    return options;
}

}  // namespace

TEST_CASE_TEMPLATE("opening makes the schema once, and opening again finds it", Database, BOTH) {
    Database database;
    std::vector<std::string> applied;
    auto options = database.options();
    options.on_event = [&](persistence::storage_event const& event) {
        if (event.name == "migration_applied") applied.push_back(event.detail);
    };
    auto const room = make_room(*open_storage(options), {1});
    std::vector<std::string> all{"0001_chat", "0002_outbox_claims", "0003_direct_delivery",
                                 "0004_audit_log", "0005_bans"};
    if (Database::kind == persistence::backend::postgresql) all.emplace_back("0006_messages_id");
    CHECK(applied == all);
    auto const again = open_storage(options);
    CHECK(applied.size() == Database::migration_count);
    CHECK(ok(read(*again, [&](chat::unit_of_work& unit) { return unit.find_room(room); })));
}

TEST_CASE_TEMPLATE("nodes that start at once migrate once", Database, BOTH) {
    Database database;
    std::atomic<int> applied = 0;
    auto options = database.options();
    options.on_event = [&](persistence::storage_event const& event) {
        if (event.name == "migration_applied") ++applied;
    };
    std::vector<std::thread> threads;
    std::atomic<int> opened = 0;
    for (int i = 0; i != 8; ++i) {
        threads.emplace_back([&] {
            CHECK(complaint(options).empty());
            ++opened;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(opened == 8);
    CHECK(applied == Database::migration_count);
}

TEST_CASE_TEMPLATE("a database newer than the program is refused", Database, BOTH) {
    Database database;
    open_storage(database.options());
    database.execute("INSERT INTO schema_migrations VALUES (1000, '1000_future', 'x', 0)");
    auto const why = complaint(database.options());
    CHECK(says(why, "newer than this program"));
    CHECK(says(why, "1000_future"));
}

TEST_CASE_TEMPLATE("a database made from other SQL is refused", Database, BOTH) {
    Database database;
    open_storage(database.options());
    database.execute("UPDATE schema_migrations SET checksum = 'other'");
    CHECK(says(complaint(database.options()), "0001_chat"));
}

TEST_CASE_TEMPLATE("a migration that fails leaves nothing behind", Database, BOTH) {
    Database database;
    // In the way of the migration's last table.
    database.execute("CREATE TABLE users (id INTEGER)");
    CHECK_FALSE(complaint(database.options()).empty());
    database.execute("DROP TABLE users");
    CHECK(complaint(database.options()).empty());
}

TEST_CASE("the index of message ids goes with the first start, and stays beside messages") {
    postgres_database database;
    auto const there = [&] {
        return database.number("SELECT count(*) FROM pg_indexes WHERE indexname = 'messages_id'");
    };
    {
        auto const storage = open_storage(database.options());
        CHECK(there() == 0);
        writer_probe(*storage).store(message_of(make_room(*storage, {1}), 1, "x"));
    }
    // As the nodes of before left it.
    database.execute("DELETE FROM schema_migrations WHERE version = 6");
    database.execute("CREATE INDEX messages_id ON messages (id)");
    open_storage(database.options());
    CHECK(there() == 1);
}

TEST_CASE("a SQLite file that cannot be used is told by its path and the reason") {
    sqlite_database database;
    auto options = database.options();
    options.location = database.directory() + "/missing/chat.db";
    CHECK(says(complaint(options), database.directory() + "/missing does not exist"));
    options.location = database.directory();
    CHECK(says(complaint(options), "it is a directory"));
    options.location = ":memory:";
    CHECK(says(complaint(options), "plain file name"));
    options.location = "";
    CHECK(says(complaint(options), "no file name"));
    options.location = database.directory() + "/text";
    std::ofstream(options.location) << std::string(5000, 'x');
    CHECK(says(complaint(options), "not a database"));
}

TEST_CASE("any file name will do for SQLite") {
    sqlite_database database;
    auto options = database.options();
    for (char const* name : {"a=b.db", "with space.db", "ün'i;x.db", "a = b c.db"}) {
        options.location = database.directory() + "/" + name;
        CHECK(complaint(options).empty());
        CHECK(std::filesystem::exists(options.location));
    }
}

TEST_CASE("a PostgreSQL server that cannot be used is told, and the password is not") {
    auto& server = postgres_server::shared();
    auto const port = std::to_string(server.port());
    server.execute("DROP ROLE IF EXISTS walled; CREATE ROLE walled LOGIN PASSWORD 'right-secret'");

    auto why = complaint(on_postgres("host=127.0.0.1 port=1 dbname=chat user=me password=s3cret"));
    CHECK(says(why, "PostgreSQL at 127.0.0.1:1, database chat, user me"));
    CHECK(says(why, "refused"));
    CHECK_FALSE(says(why, "s3cret"));

    why =
        complaint(on_postgres("postgresql://walled:wrong-secret@127.0.0.1:" + port + "/postgres"));
    CHECK(says(why, "password authentication failed"));
    CHECK_FALSE(says(why, "wrong-secret"));

    why = complaint(on_postgres("host=127.0.0.1 wrong-secret"));
    CHECK(says(why, "connection string cannot be read"));
    CHECK_FALSE(says(why, "wrong-secret"));

    why = complaint(on_postgres(server.connection_string("nowhere")));
    CHECK(says(why, "\"nowhere\" does not exist"));

    server.execute("DROP SCHEMA IF EXISTS w CASCADE");
    server.execute("CREATE SCHEMA w AUTHORIZATION walled");
    CHECK(complaint(on_postgres("postgresql://walled:right-secret@127.0.0.1:" + port +
                                "/postgres?options=-csearch_path%3Dw"))
              .empty());
}

TEST_CASE("a PostgreSQL database of another encoding is refused") {
    auto& server = postgres_server::shared();
    server.execute(
        "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
        " TEMPLATE template0");
    CHECK(says(complaint(on_postgres(server.connection_string("latin"))), "encoding is LATIN1"));
}

TEST_CASE("the message table can be partitioned by room as it is") {
    postgres_database database;
    open_storage(database.options());
    // Every constraint and index is allowed on a partitioned table.
    database.execute(
        "CREATE TABLE parted (LIKE messages INCLUDING ALL)"
        " PARTITION BY HASH (room_id);"
        "CREATE TABLE part PARTITION OF parted FOR VALUES WITH (MODULUS 1, REMAINDER 0);"
        "INSERT INTO parted (room_id, seq, author_id, nickname, type, content,"
        " created_at) VALUES (1, 1, 1, 'n', 0, 'x', 0)");
    CHECK(database.number("SELECT id FROM parted") > 0);
}

TEST_CASE("a commit on PostgreSQL is on the disk even where the server's default says otherwise") {
    auto& server = postgres_server::shared();
    server.execute("CREATE DATABASE hasty");
    server.execute("ALTER DATABASE hasty SET synchronous_commit = off");
    postgres_database const behind(server.connection_string("hasty"));
    auto const storage = open_storage(behind.options());
    auto const room = make_room(*storage, {1});
    behind.execute(
        "CREATE TABLE seen (setting text);"
        "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN new; END"
        " $$;"
        "CREATE TRIGGER look BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION look()");
    writer_probe probe(*storage);
    REQUIRE(ok(probe.store(message_of(room, 1, "x")).stored));
    write(*storage, [&](chat::unit_of_work& unit) {
        return unit.append(message_of(room, 1, "x"));
    }).value();
    CHECK(behind.number("SELECT count(*) FROM seen WHERE setting = 'on'") == 2);
}
