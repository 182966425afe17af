#include "persistence/sqlite_statement.hpp"

#include "persistence/database_error.hpp"

#include <soci.h>
#include <sqlite3/soci-sqlite3.h>

namespace persistence {

using namespace sqlite_api;

sqlite_statement::sqlite_statement(sqlite3* connection, char const* sql) : connection_(connection) {
    int const code =
        sqlite3_prepare_v3(connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) {
        throw database_error(failure_of_sqlite(code), sqlite3_errmsg(connection));
    }
}

sqlite_statement::~sqlite_statement() {
    sqlite3_finalize(statement_);
}

sqlite_run::~sqlite_run() {
    sqlite3_reset(statement_.statement_);
    sqlite3_clear_bindings(statement_.statement_);
}

void sqlite_run::bind(std::int64_t value) {
    check(sqlite3_bind_int64(statement_.statement_, next_++, value));
}

void sqlite_run::bind(std::string_view value) {
    // The null pointer stands for "the caller keeps it". An empty view may be a null pointer
    // itself, which would bind NULL.
    check(sqlite3_bind_text(statement_.statement_, next_++, value.empty() ? "" : value.data(),
                            static_cast<int>(value.size()), nullptr));
}

void sqlite_run::bind_or_null(std::string_view value) {
    if (value.empty()) {
        check(sqlite3_bind_null(statement_.statement_, next_++));
    } else {
        bind(value);
    }
}

bool sqlite_run::row() {
    int const code = sqlite3_step(statement_.statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) check(code);
    return false;
}

std::int64_t sqlite_run::number(int column) const {
    return sqlite3_column_int64(statement_.statement_, column);
}

std::string sqlite_run::text(int column) const {
    auto const* bytes = sqlite3_column_text(statement_.statement_, column);
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.statement_, column));
    return bytes == nullptr ? std::string()
                            : std::string(reinterpret_cast<char const*>(bytes), size);
}

void sqlite_run::check(int code) const {
    if (code == SQLITE_OK) return;
    throw database_error(failure_of_sqlite(code), sqlite3_errmsg(statement_.connection_));
}

}  // namespace persistence
