#pragma once

#include "persistence/database_error.hpp"
#include "persistence/describe_postgres.hpp"
#include "persistence/sql_session.hpp"
#include "persistence/storage.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

// Connections to PostgreSQL.

namespace persistence {

inline constexpr char silent_server[] = "the server did not answer in time";
inline constexpr char server_ended[] = "the server has ended the connection";

enum class postgres_role : std::uint8_t {
    source,   // options.location; a server that takes no writes is not accepted
    replica,  // options.replica
};

// Connects with the time-outs and keep-alives of `options` where the connection string gives none,
// and sets the session up. Throws database_error, whose text holds no password.
std::unique_ptr<sql_session> connect_postgres(storage_options const& options,
                                              postgres_role role = postgres_role::source);

// Whether the server has said by now that it takes no writes any more: it became a standby, or an
// operator closed it before a switch-over. Asks nobody; servers before 14 never say so.
bool turned_read_only(sql_session& session);

// Waits for the answer of a COMMIT that was sent: the server's own limit for statements does not
// hold while it waits for a synchronous standby. After `limit` it is told to wait no longer.
// Throws database_error(lost) when it does not answer even then.
void await_commit(PGconn* connection, std::chrono::milliseconds limit);

// What the server's answer means, which is an error. A server that panics says so and starts anew:
// what it was told last it may have done.
failure failure_of_answer(PGresult const* answer) noexcept;

// Statements without parameters. Throws database_error.
void execute_on(PGconn* connection, std::string const& sql);
// The answer of what was sent. Throws database_error.
void finish_on(PGconn* connection);

}  // namespace persistence
