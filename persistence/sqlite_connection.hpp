#pragma once

#include "persistence/sql_session.hpp"
#include "persistence/storage.hpp"

#include <cstdint>
#include <memory>

// Connections to a SQLite file.

namespace persistence {

enum class sqlite_role : std::uint8_t {
    writer,  // makes the file if there is none; WAL, every commit synced
    reader,  // refuses to write
};

// Throws database_error with the file's path in it.
std::unique_ptr<sql_session> connect_sqlite(storage_options const& options, sqlite_role role);

}  // namespace persistence
