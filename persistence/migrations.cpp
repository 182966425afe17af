#include "persistence/migrations.hpp"

#include "persistence/database_error.hpp"

#include <fmt/format.h>
#include <chrono>
#include <string>

namespace persistence {

namespace {

// Holds every other node off until the end of the transaction.
void begin_alone(sql_session& session, backend kind) {
    if (kind == backend::sqlite) {
        session.execute("BEGIN EXCLUSIVE");
        return;
    }
    session.begin_write();
    // The number is arbitrary and Stampede's own. The schema is part of the lock, because several
    // installations may share a database.
    session.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('stampede.migrations.' || current_schema(),"
        " 7204115))");
    // A migration may take its time on a big table.
    session.execute("SET LOCAL statement_timeout = 0");
}

void make_history(sql_session& session) {
    session.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        " version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,"
        " applied_at BIGINT NOT NULL)");
}

// How many of `all` the database has. Throws when its history is not a beginning of ours.
std::size_t applied(sql_session& session, std::span<migration const> all) {
    std::int64_t version = 0;
    std::string name;
    std::string checksum;
    query history(session,
                  "SELECT version, name, checksum FROM schema_migrations ORDER BY version");
    history.out(version).out(name).out(checksum);
    std::size_t count = 0;
    while (history.next()) {
        if (count == all.size()) {
            throw storage_error(
                fmt::format("the database is newer than this program: it has migration {}, which "
                            "this program does not know; run a newer version",
                            name));
        }
        if (all[count].version != version || all[count].checksum != checksum) {
            throw storage_error(fmt::format(
                "the database was made by another program: its migration {} is not the {} of this "
                "one",
                name, all[count].name));
        }
        ++count;
    }
    return count;
}

void apply(sql_session& session, migration const& step) {
    using namespace std::chrono;
    session.execute_script(std::string(step.sql), sql_session::pace::lasting);
    query(session,
          "INSERT INTO schema_migrations (version, name, checksum, applied_at)"
          " VALUES (:version, :name, :checksum, :now)")
        .in("version", step.version)
        .in("name", step.name)
        .in("checksum", step.checksum)
        .in("now",
            std::int64_t{
                duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()})
        .run();
}

}  // namespace

void migrate(sql_session& session, backend kind, std::span<migration const> all,
             std::function<void(storage_event const&)> const& on_event) {
    // Each turn looks again, because another node may have worked in between.
    for (bool done = false; !done;) {
        begin_alone(session, kind);
        try {
            make_history(session);
            std::size_t const next = applied(session, all);
            done = next == all.size();
            if (!done) apply(session, all[next]);
            session.commit();
            if (!done && on_event) on_event({"migration_applied", std::string(all[next].name)});
        } catch (...) {
            session.rollback();
            throw;
        }
    }
}

}  // namespace persistence
