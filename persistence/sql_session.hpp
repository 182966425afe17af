#pragma once

#include "persistence/dialect.hpp"
#include "persistence/silence_watch.hpp"

#include <soci.h>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

// One connection to either database, through SOCI, with its prepared statements. Used by one thread
// at a time. Throws database_error, never anything of SOCI.

typedef struct pg_conn PGconn;

namespace persistence {

class sql_session {
public:
    sql_session(std::unique_ptr<soci::session> connection, dialect const& words);
    ~sql_session();

    sql_session(sql_session const&) = delete;
    sql_session& operator=(sql_session const&) = delete;

    // One statement without parameters and rows, not prepared.
    void execute(std::string_view sql);
    enum class pace : std::uint8_t { as_usual, lasting };
    // Several statements, separated by semicolons. For lasting ones there is no limit here.
    void execute_script(std::string const& sql, pace expected = pace::as_usual);

    void begin_write() { begin(words_.begin_write); }
    void begin_read() { begin(words_.begin_read); }
    // Throws if a statement of the transaction failed, whoever swallowed that failure; with
    // failure::in_doubt when the connection was lost after the COMMIT was sent.
    void commit();
    void rollback() noexcept;

    // False once the connection is known to be broken; a new session is needed then.
    bool usable() const noexcept { return usable_; }

    // PostgreSQL: the server ends a statement by itself after `limit`. When it is silent for longer
    // the connection is broken off. A COMMIT may go unanswered for as long, too.
    void limit_statements(std::chrono::milliseconds limit);
    // For what goes to the server past this class; at most as many statements as given.
    answer_wait expect_answer(int statements = 1);
    // Whether the connection was broken off because the server was silent.
    bool fell_silent() const { return watched_ && watched_->was_silent(); }

    // PostgreSQL: whether the server has ended the connection by now, as it does with a transaction
    // that stands still. Waits for nothing.
    bool hung_up();
    // The server's farewell, which comes before its transaction's locks are free.
    void note_end() noexcept { ended_ = true; }

    // A warning of the server, given to whatever runs.
    void note_warning() noexcept { warned_ = true; }
    // PostgreSQL gives up waiting for a synchronous standby with a warning, and the COMMIT succeeds
    // all the same. True once for each such COMMIT: what it wrote is on one server only.
    bool take_warning() noexcept { return std::exchange(warned_, false); }

    soci::session& connection() noexcept { return *connection_; }

private:
    friend class query;

    void begin(std::string_view how);
    void commit_on(PGconn* connection);
    soci::statement& prepared(char const* sql);
    [[noreturn]] void fail(soci::soci_error const& error);

    std::unique_ptr<watched_socket> watched_;  // for what the end of the others waits for, too
    std::unique_ptr<soci::session> connection_;
    dialect const& words_;
    // By the address of the literal; destroyed before the connection.
    std::unordered_map<char const*, soci::statement> statements_;
    bool usable_ = true;
    std::chrono::milliseconds statement_limit_{0};
    bool warned_ = false;
    bool ended_ = false;
    bool failed_ = false;  // a statement of the current transaction failed
};

// One execution of a prepared statement. `sql` is a string literal: its address is its name in the
// session. Parameters are named :like_this in it and given by in(); columns are received by out()
// in their order. What out() names must live until the last next().
class query {
public:
    query(sql_session& session, char const* sql);
    ~query();

    query(query const&) = delete;
    query& operator=(query const&) = delete;

    query& in(char const* name, std::int64_t value);
    query& in(char const* name, std::uint64_t value);  // bit for bit, as out() gives it back
    query& in(char const* name, std::string_view value);
    query& in(char const* name, std::optional<std::int64_t> value);

    query& out(std::int64_t& column);
    query& out(std::uint64_t& column);
    query& out(std::string& column);
    query& out(std::optional<std::int64_t>& column);

    // The next row; false after the last one. The first call executes.
    bool next();
    // Executes a statement that gives at most one row, and says whether it did.
    bool one();
    // Executes a statement that gives no rows; answers how many it changed.
    std::int64_t run();

private:
    struct number_column {
        long long value = 0;
        soci::indicator state = soci::i_ok;
        std::int64_t* plain = nullptr;
        std::uint64_t* bits = nullptr;
        std::optional<std::int64_t>* maybe = nullptr;
    };
    struct number_value {
        long long value = 0;
        soci::indicator state = soci::i_ok;
    };

    number_column& add_number_column();

    sql_session& session_;
    char const* sql_;
    soci::statement statement_;
    // Deques, because the statement keeps addresses.
    std::deque<number_column> numbers_out_;
    std::deque<number_value> numbers_in_;
    std::deque<std::string> texts_in_;
    bool started_ = false;
    bool drained_ = false;
};

}  // namespace persistence
