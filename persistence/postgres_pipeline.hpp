#pragma once

#include "persistence/database_error.hpp"

#include <libpq-fe.h>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

// Several prepared statements in one round trip, by libpq's pipeline mode, which SOCI does not
// know. Works on the connection of a SOCI session. Throws database_error.

namespace persistence {

struct result_closer {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};

class postgres_result {
public:
    postgres_result() = default;
    explicit postgres_result(PGresult* result) : result_(result) {}

    int rows() const { return PQntuples(result_.get()); }
    bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
    // The columns come in binary form.
    std::uint64_t number(int row, int column) const;  // any integer type
    std::string_view text(int row, int column) const;
    std::string_view command() const { return PQcmdStatus(result_.get()); }
    PGresult* get() const { return result_.get(); }

private:
    std::unique_ptr<PGresult, result_closer> result_;
};

class postgres_pipeline {
public:
    // `connection` outlives us.
    explicit postgres_pipeline(PGconn* connection) : connection_(connection) {}

    // Outside of a turn.
    void prepare(char const* name, char const* sql);

    // Sends the statement with binary parameters; its result comes by receive(), in the order of
    // sending, after flush().
    void send(char const* name, std::initializer_list<std::string_view> parameters = {});
    // Ends a turn's sending.
    void flush();
    postgres_result receive();
    // Ends a turn. After an exception it is reset() that must follow.
    void finish();
    // Drops what is left of a turn that failed. False if the connection is broken.
    bool reset() noexcept;

private:
    [[noreturn]] void fail(PGresult const* result);

    PGconn* connection_;
};

// A bigint parameter.
std::string bigint_parameter(std::uint64_t value);

}  // namespace persistence
