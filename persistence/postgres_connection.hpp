#pragma once

#include "persistence/sql_session.hpp"
#include "persistence/storage.hpp"

#include <memory>
#include <string>

typedef struct pg_conn PGconn;

// Connections to PostgreSQL.

namespace persistence {

// Connects with the time-outs and keep-alives of `options` where the connection string gives none,
// and sets the session up. Throws database_error, whose text holds no password.
std::unique_ptr<sql_session> connect_postgres(storage_options const& options);

// "PostgreSQL at db.example:5432, database chat, user stampede". Throws storage_error when the
// connection string cannot be read.
std::string describe_postgres(storage_options const& options);

// Statements without parameters. Throws database_error.
void execute_on(PGconn* connection, std::string const& sql);

}  // namespace persistence
