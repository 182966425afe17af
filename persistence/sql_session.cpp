#include "persistence/sql_session.hpp"

#include "persistence/database_error.hpp"
#include "persistence/native_handle.hpp"
#include "persistence/postgres_connection.hpp"

#include <utility>

namespace persistence {

namespace {

// For the server's word that a statement took too long to come back.
constexpr std::chrono::milliseconds margin{1'000};
// For the farewell at the end of a session.
constexpr std::chrono::milliseconds end_limit{1'000};

// The SQL as this dialect spells it.
std::string spell(std::string_view sql, dialect const& words) {
    std::string spelled(sql);
    auto const put_in = [&spelled](std::string_view mark, std::string_view word) {
        auto const at = spelled.find(mark);
        if (at != std::string::npos) spelled.replace(at, mark.size(), word);
    };
    put_in("{lock}", words.lock);
    put_in("{ids}", words.ids);
    return spelled;
}

}  // namespace

sql_session::sql_session(std::unique_ptr<soci::session> connection, dialect const& words)
    : connection_(std::move(connection)), words_(words) {}

sql_session::~sql_session() {
    // SOCI takes back its statements one by one.
    answer_wait const wait(watched_.get(), end_limit);
    statements_.clear();
    connection_.reset();
}

void sql_session::limit_statements(std::chrono::milliseconds limit) {
    statement_limit_ = limit;
    watched_ = std::make_unique<watched_socket>(PQsocket(postgres_handle(*connection_)));
}

answer_wait sql_session::expect_answer(int statements) {
    return {watched_.get(), statements * statement_limit_ + margin};
}

void sql_session::execute(std::string_view sql) {
    auto const wait = expect_answer();
    try {
        connection_->once << sql;
    } catch (soci::soci_error const& error) {
        fail(error);
    }
}

void sql_session::execute_script(std::string const& sql, pace expected) {
    if (auto* postgres = postgres_handle(*connection_)) {
        answer_wait const wait(expected == pace::as_usual ? watched_.get() : nullptr,
                               statement_limit_ + margin);
        try {
            execute_on(postgres, sql);
        } catch (database_error const&) {
            failed_ = true;
            throw;
        }
        return;
    }
    auto* sqlite = sqlite_handle(*connection_);
    int const code = sqlite_api::sqlite3_exec(sqlite, sql.c_str(), nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return;
    failed_ = true;
    throw database_error(failure_of_sqlite(code), sqlite_api::sqlite3_errmsg(sqlite));
}

void sql_session::begin(std::string_view how) {
    failed_ = false;
    execute(how);
}

void sql_session::commit() {
    // PostgreSQL answers a COMMIT of a failed transaction with a rollback and no error.
    if (failed_) {
        rollback();
        throw database_error(failure::refused, "commit of a transaction that failed before");
    }
    auto* postgres = postgres_handle(*connection_);
    if (postgres == nullptr) return execute("COMMIT");
    warned_ = false;
    auto const wait = expect_answer(2);
    try {
        commit_on(postgres);
    } catch (database_error const& error) {
        failed_ = true;
        if (error.kind() == failure::lost || error.kind() == failure::in_doubt) usable_ = false;
        throw;
    }
    if (take_warning())
        throw database_error(failure::in_doubt, "the commit did not reach the synchronous standby");
}

void sql_session::commit_on(PGconn* connection) {
    // What is known to be broken is not sent to.
    if (hung_up()) throw database_error(failure::lost, server_ended);
    try {
        if (PQsendQuery(connection, "COMMIT") == 0)
            throw database_error(failure::lost, PQerrorMessage(connection));
        await_commit(connection, statement_limit_);
        finish_on(connection);
    } catch (database_error const& error) {
        // Only the server's silence leaves it open.
        if (error.kind() != failure::lost) throw;
        throw database_error(failure::in_doubt, error.what());
    }
}

bool sql_session::hung_up() {
    auto* connection = postgres_handle(*connection_);
    if (PQconsumeInput(connection) == 0) return true;
    // What comes unasked goes to the notice receiver.
    PQisBusy(connection);
    return ended_ || PQstatus(connection) != CONNECTION_OK;
}

void sql_session::rollback() noexcept {
    if (!usable_) return;
    auto const wait = expect_answer();
    try {
        connection_->once << "ROLLBACK";
    } catch (std::exception const&) {
        // On SQLite some errors have rolled back already; then there is nothing to undo.
        auto* sqlite = sqlite_handle(*connection_);
        if (sqlite == nullptr || sqlite_api::sqlite3_get_autocommit(sqlite) == 0) usable_ = false;
    }
    failed_ = false;
}

soci::statement& sql_session::prepared(char const* sql) {
    if (auto found = statements_.find(sql); found != statements_.end()) return found->second;
    auto const wait = expect_answer();
    soci::statement fresh(*connection_);
    try {
        fresh.alloc();
        fresh.prepare(spell(sql, words_));
    } catch (soci::soci_error const& error) {
        fail(error);
    }
    return statements_.emplace(sql, std::move(fresh)).first->second;
}

void sql_session::fail(soci::soci_error const& error) {
    failed_ = true;
    database_error translated = translate(error);
    if (translated.kind() != failure::lost) throw translated;
    usable_ = false;
    if (fell_silent()) throw database_error(failure::lost, silent_server);
    throw translated;
}

query::query(sql_session& session, char const* sql)
    : session_(session), sql_(sql), statement_(session.prepared(sql)) {}

query::~query() {
    statement_.bind_clean_up();
    // A statement in the middle of its rows would keep the snapshot of its transaction alive.
    if (!started_ || drained_) return;
    auto const wait = session_.expect_answer();
    session_.statements_.erase(sql_);
    statement_ = soci::statement(session_.connection());
}

query& query::in(char const* name, std::int64_t value) {
    return in(name, std::optional<std::int64_t>(value));
}

query& query::in(char const* name, std::uint64_t value) {
    return in(name, static_cast<std::int64_t>(value));
}

query& query::in(char const* name, std::optional<std::int64_t> value) {
    auto& kept = numbers_in_.emplace_back();
    kept.value = value.value_or(0);
    kept.state = value ? soci::i_ok : soci::i_null;
    statement_.exchange(soci::use(kept.value, kept.state, name));
    return *this;
}

query& query::in(char const* name, std::string_view value) {
    auto& kept = texts_in_.emplace_back(value);
    statement_.exchange(soci::use(kept, name));
    return *this;
}

query::number_column& query::add_number_column() {
    auto& kept = numbers_out_.emplace_back();
    statement_.exchange(soci::into(kept.value, kept.state));
    return kept;
}

query& query::out(std::int64_t& column) {
    add_number_column().plain = &column;
    return *this;
}

query& query::out(std::uint64_t& column) {
    add_number_column().bits = &column;
    return *this;
}

query& query::out(std::optional<std::int64_t>& column) {
    add_number_column().maybe = &column;
    return *this;
}

query& query::out(std::string& column) {
    statement_.exchange(soci::into(column));
    return *this;
}

bool query::next() {
    if (drained_) return false;
    try {
        bool row = false;
        if (started_) {
            row = statement_.fetch();
        } else {
            statement_.define_and_bind();
            started_ = true;
            // All of the rows come with it.
            auto const wait = session_.expect_answer();
            row = statement_.execute(true);
        }
        drained_ = !row;
        if (!row) return false;
    } catch (soci::soci_error const& error) {
        session_.fail(error);
    }
    for (number_column& column : numbers_out_) {
        bool const is_null = column.state == soci::i_null;
        if (column.plain != nullptr) *column.plain = column.value;
        if (column.bits != nullptr) *column.bits = static_cast<std::uint64_t>(column.value);
        if (column.maybe != nullptr) {
            *column.maybe = is_null ? std::nullopt : std::optional<std::int64_t>(column.value);
        }
    }
    return true;
}

bool query::one() {
    bool const found = next();
    while (next()) {
    }
    return found;
}

std::int64_t query::run() {
    one();
    return statement_.get_affected_rows();
}

}  // namespace persistence
