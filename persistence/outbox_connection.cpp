#include "persistence/outbox_connection.hpp"

#include "persistence/clock.hpp"
#include "persistence/columns.hpp"
#include "persistence/database_error.hpp"
#include "persistence/postgres_connection.hpp"
#include "persistence/sql_session.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/turnstile.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace persistence {

namespace {

// Where the two databases differ. The clock is the database's, in milliseconds since 1970.
#define POSTGRES_CLOCK "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)"
#define SQLITE_CLOCK "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
#define POSTGRES_LISTED " WHERE id = ANY(CAST(:rows AS BIGINT[]))"
#define SQLITE_LISTED " WHERE id IN (SELECT value FROM json_each(:rows))"

// Locks them until the commit, and leaves out what others have locked. Kinds that this program does
// not know are for nodes of a newer version.
#define FREE_ROWS(clock, skip_locked)                                       \
    "SELECT id, event, room_id, seq FROM outbox"                            \
    " WHERE event < 2 AND (claimed_until IS NULL OR claimed_until < " clock \
    ")"                                                                     \
    " ORDER BY id LIMIT :limit" skip_locked

// What an entry_row takes of these rows, and what else is asked for.
#define ENTRIES(rows, more)                                                       \
    "SELECT o.id, o.event, o.room_id, o.seq,"                                     \
    " CASE WHEN m.id IS NULL THEN 0 ELSE 1 END AS found, coalesce(m.id, 0) AS m," \
    " coalesce(m.author_id, 0) AS author, coalesce(m.nickname, '') AS nickname,"  \
    " coalesce(m.type, 0) AS type, coalesce(m.content, '') AS content,"           \
    " coalesce(m.created_at, 0) AS created_at, coalesce(r.type, 1) AS room_type," \
    " coalesce(r.name, '') AS name, coalesce(r.direct_low, 0) AS low,"            \
    " coalesce(r.direct_high, 0) AS high" more " FROM (" rows                     \
    ") o"                                                                         \
    " LEFT JOIN messages m ON m.room_id = o.room_id AND m.seq = o.seq"            \
    " LEFT JOIN rooms r ON r.id = o.room_id"

#define BYTES_BEFORE                                              \
    ", coalesce(sum(octet_length(m.content)) OVER (ORDER BY o.id" \
    " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before"

// Of those with less than so many bytes of content before them.
#define WITHIN_BYTES(rows)                                                       \
    "SELECT id, event, room_id, seq, found, m, author, nickname, type, content," \
    " created_at, room_type, name, low, high FROM (" ENTRIES(                    \
        rows, BYTES_BEFORE) ") w WHERE before < CAST(:bytes AS BIGINT) ORDER BY id"

struct statements {
    char const* free_rows;
    // PostgreSQL sends a whole answer, so that it has to stop in time by itself. SQLite reads a row
    // when it is asked for.
    bool counts_bytes;
    char const* claim;
    char const* give_back;
    char const* remove;
    char const* oldest_age;
    char list_begin;  // of the list :rows
    char list_end;
};

constexpr statements postgres_statements{
    WITHIN_BYTES(FREE_ROWS(POSTGRES_CLOCK, " FOR UPDATE SKIP LOCKED")),
    true,
    "UPDATE outbox SET claimed_until = " POSTGRES_CLOCK " + CAST(:lease AS BIGINT)" POSTGRES_LISTED,
    "UPDATE outbox SET claimed_until = NULL" POSTGRES_LISTED,
    "DELETE FROM outbox" POSTGRES_LISTED,
    "SELECT " POSTGRES_CLOCK " - created_at FROM outbox ORDER BY id LIMIT 1",
    '{',
    '}',
};

constexpr statements sqlite_statements{
    ENTRIES(FREE_ROWS(SQLITE_CLOCK, ""), "") " ORDER BY o.id",
    false,
    "UPDATE outbox SET claimed_until = " SQLITE_CLOCK " + :lease" SQLITE_LISTED,
    "UPDATE outbox SET claimed_until = NULL" SQLITE_LISTED,
    "DELETE FROM outbox" SQLITE_LISTED,
    "SELECT " SQLITE_CLOCK " - created_at FROM outbox ORDER BY id LIMIT 1",
    '[',
    ']',
};

// One row of the outbox with what it refers to.
class entry_row {
public:
    explicit entry_row(query& from) {
        from.out(row_).out(kind_).out(room_).out(seq_).out(found_).out(id_).out(author_);
        from.out(nickname_).out(type_).out(content_).out(created_at_);
        from.out(room_type_).out(room_name_).out(low_).out(high_);
    }

    std::uint64_t row() const noexcept { return row_; }
    bool has_message() const noexcept { return found_ != 0; }

    chat::outbox_entry get() const {
        chat::outbox_entry entry;
        entry.row = row_;
        entry.kind = static_cast<chat::outbox_kind>(kind_);
        entry.message.id = chat::message_id{id_};
        entry.message.room = chat::room_id{room_};
        entry.message.seq = seq_;
        entry.message.author = chat::user_id{author_};
        entry.message.nickname = nickname_;
        entry.message.type = message_type_of(type_);
        entry.message.content = content_;
        entry.message.created_at = time_of_column(created_at_);
        entry.room_name = room_name_;
        entry.type_of_room = room_type_of(room_type_);
        if (entry.type_of_room == chat::room_type::direct)
            entry.receiver = chat::user_id{author_ == low_ ? high_ : low_};
        return entry;
    }

private:
    std::uint64_t row_ = 0;
    std::int64_t kind_ = 0;
    std::uint64_t room_ = 0;
    std::uint64_t seq_ = 0;
    std::int64_t found_ = 0;
    std::uint64_t id_ = 0;
    std::uint64_t author_ = 0;
    std::string nickname_;
    std::int64_t type_ = 0;
    std::string content_;
    std::int64_t created_at_ = 0;
    std::int64_t room_type_ = 0;
    std::string room_name_;
    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
};

class outbox_connection final : public chat::outbox {
public:
    outbox_connection(storage_options const& options, turnstile& turns)
        : options_(options),
          turns_(turns),
          sql_(options.kind == backend::postgresql ? postgres_statements : sqlite_statements) {}

    chat::result<std::vector<chat::outbox_entry>> take(chat::outbox_bounds most,
                                                       std::chrono::milliseconds lease) override {
        std::vector<chat::outbox_entry> taken;
        auto const failed = attempt([&](sql_session& session) {
            // An idle node only looks: on SQLite a transaction that may write holds up others.
            if (nothing_ && !any_row(session)) return;
            std::vector<std::uint64_t> lost;
            in_transaction(session, [&] {
                taken = read_free(session, most, lost);
                claim(session, taken, lease);
                if (!lost.empty()) change(session, sql_.remove, lost);
            });
            nothing_ = taken.empty();
            if (!lost.empty()) {
                report("outbox_rows_dropped",
                       std::to_string(lost.size()) + " rows refer to messages that are gone");
            }
        });
        if (failed) return failed;
        return taken;
    }

    chat::result<chat::outbox_backlog> backlog() override {
        chat::outbox_backlog found;
        auto const failed = attempt([&](sql_session& session) {
            if (!any_row(session)) return;
            std::int64_t rows = 0;
            query(session, "SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT :most) o")
                .in("most", clamp_to_column(chat::outbox_backlog::most_counted))
                .out(rows)
                .one();
            std::int64_t age = 0;
            query(session, sql_.oldest_age).out(age).one();
            found.rows = static_cast<std::size_t>(rows);
            found.oldest_age = std::chrono::milliseconds(std::max<std::int64_t>(age, 0));
        });
        if (failed) return failed;
        return found;
    }

    chat::result<void> remove(std::span<std::uint64_t const> rows) override {
        return change(sql_.remove, rows);
    }

    chat::result<void> give_back(std::span<std::uint64_t const> rows) override {
        nothing_ = false;
        return change(sql_.give_back, rows);
    }

private:
    template <typename Work>
    boost::system::error_code attempt(Work&& work) {
        try {
            if (session_ && (!session_->usable() || turned_read_only(*session_))) session_.reset();
            if (!session_) session_ = connect();
            work(*session_);
            failing_ = false;
            return {};
        } catch (database_error const& error) {
            if (!std::exchange(failing_, true)) report("outbox_unavailable", error.what());
            return error_for_chat(error.kind());
        }
    }

    chat::result<void> change(char const* how, std::span<std::uint64_t const> rows) {
        if (rows.empty()) return {};
        auto const failed = attempt([&](sql_session& session) {
            in_transaction(session, [&] { change(session, how, rows); });
        });
        if (failed) return failed;
        return {};
    }

    template <typename Work>
    void in_transaction(sql_session& session, Work&& work) {
        std::unique_lock<turnstile> turn;
        if (options_.kind == backend::sqlite) turn = std::unique_lock(turns_);
        session.begin_write();
        try {
            work();
            session.commit();
        } catch (...) {
            session.rollback();
            throw;
        }
    }

    static bool any_row(sql_session& session) {
        std::int64_t first = 0;
        return query(session, "SELECT id FROM outbox LIMIT 1").out(first).one();
    }

    std::vector<chat::outbox_entry> read_free(sql_session& session, chat::outbox_bounds most,
                                              std::vector<std::uint64_t>& lost) const {
        query asked(session, sql_.free_rows);
        asked.in("limit", clamp_to_column(most.rows));
        if (sql_.counts_bytes) asked.in("bytes", clamp_to_column(most.bytes));
        entry_row row(asked);
        std::vector<chat::outbox_entry> found;
        std::size_t bytes = 0;
        while ((sql_.counts_bytes || bytes < most.bytes) && asked.next()) {
            if (row.has_message()) {
                bytes += found.emplace_back(row.get()).message.content.size();
            } else {
                lost.push_back(row.row());
            }
        }
        return found;
    }

    void claim(sql_session& session, std::vector<chat::outbox_entry> const& taken,
               std::chrono::milliseconds lease) const {
        if (taken.empty()) return;
        std::vector<std::uint64_t> rows;
        rows.reserve(taken.size());
        for (auto const& entry : taken) rows.push_back(entry.row);
        query(session, sql_.claim)
            .in("lease", std::int64_t{lease.count()})
            .in("rows", list(rows))
            .run();
    }

    void change(sql_session& session, char const* how, std::span<std::uint64_t const> rows) const {
        query(session, how).in("rows", list(rows)).run();
    }

    std::string list(std::span<std::uint64_t const> rows) const {
        std::string text(1, sql_.list_begin);
        for (auto const row : rows) {
            if (text.size() > 1) text.push_back(',');
            text.append(std::to_string(row));
        }
        text.push_back(sql_.list_end);
        return text;
    }

    // What is lost of this connection's commits in a crash is published again, so that none of them
    // needs to wait for the disk.
    std::unique_ptr<sql_session> connect() const {
        if (options_.kind == backend::sqlite) {
            auto session = connect_sqlite(options_, sqlite_role::writer);
            session->execute_script("PRAGMA synchronous = NORMAL");
            return session;
        }
        auto session = connect_postgres(options_);
        // A few rows each time, whatever the tables' sizes: their indices, and nothing else.
        session->execute_script(
            "SET synchronous_commit = off; SET enable_hashjoin = off; SET enable_mergejoin = off");
        return session;
    }

    void report(std::string_view event, std::string detail) const {
        if (options_.on_event) options_.on_event({event, std::move(detail)});
    }

    storage_options const& options_;
    turnstile& turns_;
    statements const& sql_;
    std::unique_ptr<sql_session> session_;
    bool nothing_ = false;  // the last look found nothing to take
    bool failing_ = false;
};

}  // namespace

std::unique_ptr<chat::outbox> make_outbox(storage_options const& options, turnstile& turns) {
    return std::make_unique<outbox_connection>(options, turns);
}

}  // namespace persistence
