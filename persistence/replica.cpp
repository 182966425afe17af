#include "persistence/replica.hpp"

#include "persistence/database_error.hpp"
#include "persistence/postgres_connection.hpp"

#include <thread>
#include <utility>

namespace persistence {

namespace {

// What a committed transaction wrote lies before the flushed end of the log.
constexpr char where_is_the_source[] =
    "SELECT (SELECT system_identifier FROM pg_control_system()),"
    " CAST(CAST('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8) AS BIT(32))"
    "   AS BIGINT),"
    " CAST(pg_current_wal_flush_lsn() AS TEXT)";

// A standby writes down its timeline only now and then, but never one that it has not reached.
constexpr char has_it_reached[] =
    "SELECT CAST(CASE WHEN NOT pg_is_in_recovery()"
    "  OR (SELECT system_identifier FROM pg_control_system()) <> :cluster"
    "  OR greatest((SELECT timeline_id FROM pg_control_checkpoint()),"
    "    (SELECT min_recovery_end_timeline FROM pg_control_recovery())) <> :timeline THEN 2"
    " WHEN pg_last_wal_replay_lsn() >= CAST(:log AS PG_LSN) THEN 1 ELSE 0 END AS BIGINT)";

}  // namespace

replica::replica(storage_options const& options) : options_(options) {}

bool replica::ready(std::unique_ptr<sql_session>& session) {
    if (clock::now().time_since_epoch().count() < aside_until_) return false;
    if (session && !session->usable()) session.reset();
    if (!session && !connected(session)) return false;
    auto const wanted = source_position();
    if (!wanted) return false;
    try {
        auto const until = clock::now() + patience;
        for (std::chrono::microseconds pause{250};; pause *= 2) {
            switch (compare(*session, *wanted)) {
                case answer::reached: tell(true, {}); return true;
                case answer::astray:
                    failed(session, "it is no standby of the source that is in use");
                    return false;
                case answer::behind: break;
            }
            if (clock::now() + pause > until) break;
            std::this_thread::sleep_for(pause);
        }
    } catch (database_error const& error) {
        failed(session, error.what());
        return false;
    }
    set_aside(pause_after_lag);
    tell(false, "it lags behind the source");
    return false;
}

void replica::failed(std::unique_ptr<sql_session>& session, std::string_view why) {
    session.reset();
    set_aside(pause_when_away);
    tell(false, std::string(why));
}

bool replica::connected(std::unique_ptr<sql_session>& session) {
    // While this thread tries, which may take its time, the others go to the source.
    auto const before = aside_until_.load();
    if (away_) set_aside(pause_when_away);
    try {
        session = connect_postgres(options_, postgres_role::replica);
    } catch (database_error const& error) {
        failed(session, error.what());
        return false;
    }
    if (away_) aside_until_ = before;
    return true;
}

std::optional<replica::position> replica::source_position() {
    auto const asked_at = clock::now();
    std::lock_guard guard(mutex_);
    if (last_ && read_at_ >= asked_at) return last_;
    read_at_ = clock::now();
    last_.reset();
    if (read_at_ < source_pause_until_) return std::nullopt;
    try {
        if (source_ && (!source_->usable() || turned_read_only(*source_))) source_.reset();
        if (!source_) source_ = connect_postgres(options_);
        position found;
        query(*source_, where_is_the_source)
            .out(found.cluster)
            .out(found.timeline)
            .out(found.log)
            .one();
        last_ = std::move(found);
    } catch (database_error const&) {
        // The read itself goes to the source next, with all the patience there is.
        source_.reset();
        source_pause_until_ = clock::now() + pause_after_lag;
    }
    return last_;
}

replica::answer replica::compare(sql_session& session, position const& wanted) {
    std::int64_t found = 0;
    query(session, has_it_reached)
        .in("cluster", wanted.cluster)
        .in("timeline", wanted.timeline)
        .in("log", std::string_view(wanted.log))
        .out(found)
        .one();
    return static_cast<answer>(found);
}

void replica::set_aside(std::chrono::milliseconds pause) {
    aside_until_ = (clock::now() + pause).time_since_epoch().count();
}

void replica::tell(bool back, std::string detail) {
    if (away_.exchange(!back) == !back || !options_.on_event) return;
    options_.on_event({back ? "replica_back" : "replica_lost", std::move(detail)});
}

}  // namespace persistence
