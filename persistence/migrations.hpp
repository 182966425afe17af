#pragma once

#include "persistence/sql_session.hpp"
#include "persistence/storage.hpp"

#include <cstdint>
#include <span>
#include <string_view>

// The schema's history, embedded in the program, and its application to a database.

namespace persistence {

struct migration {
    std::int64_t version;       // 1, 2, 3, …
    std::string_view name;      // "0001_chat"
    std::string_view checksum;  // of the SQL, SHA-256 in hexadecimal
    std::string_view sql;
};

// Ascending by version.
std::span<migration const> migrations_of(backend kind);

// Applies what is missing, each migration in a transaction of its own. Any number of nodes may do
// so at once: one works, the others wait for it. Throws storage_error when the database is newer
// than this program or was made from other SQL, database_error when it fails.
void migrate(sql_session& session, backend kind, std::span<migration const> all,
             std::function<void(storage_event const&)> const& on_event);

}  // namespace persistence
