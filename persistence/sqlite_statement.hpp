#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Prepared statements of sqlite3 without a detour. Throw database_error.

namespace sqlite_api {  // SOCI includes sqlite3.h in this namespace
struct sqlite3;
struct sqlite3_stmt;
}  // namespace sqlite_api

namespace persistence {

class sqlite_statement {
public:
    // `connection` outlives us.
    sqlite_statement(sqlite_api::sqlite3* connection, char const* sql);
    ~sqlite_statement();

    sqlite_statement(sqlite_statement const&) = delete;
    sqlite_statement& operator=(sqlite_statement const&) = delete;

private:
    friend class sqlite_run;

    sqlite_api::sqlite3* connection_;
    sqlite_api::sqlite3_stmt* statement_ = nullptr;
};

// One execution. Parameters in their order; texts must live until the end of the run.
class sqlite_run {
public:
    explicit sqlite_run(sqlite_statement& statement) : statement_(statement) {}
    ~sqlite_run();

    sqlite_run(sqlite_run const&) = delete;
    sqlite_run& operator=(sqlite_run const&) = delete;

    void bind(std::int64_t value);
    void bind(std::uint64_t value) { bind(static_cast<std::int64_t>(value)); }
    void bind(std::string_view value);
    void bind(std::string const& value) { bind(std::string_view(value)); }
    void bind_or_null(std::string_view value);  // null when empty

    bool row();
    std::int64_t number(int column) const;
    std::uint64_t bits(int column) const { return static_cast<std::uint64_t>(number(column)); }
    std::string text(int column) const;

private:
    void check(int code) const;

    sqlite_statement& statement_;
    int next_ = 1;
};

}  // namespace persistence
