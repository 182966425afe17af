#pragma once

#include "persistence/storage.hpp"

#include <string_view>

// Where the SQL of the two databases differs; all other statements are shared.

namespace persistence {

struct dialect {
    std::string_view begin_write;
    std::string_view begin_read;  // one snapshot for the whole transaction
    // Put in for {lock}: holds the row until the commit. On SQLite the transaction holds the whole
    // file already.
    std::string_view lock;
    // Put in for {ids}: the numbers of the text :ids, "1,2,3", as rows with one column, `number`.
    std::string_view ids;
};

inline constexpr dialect postgresql_dialect{
    // Not READ WRITE, which would write to a source that was closed for a switch-over.
    "BEGIN ISOLATION LEVEL READ COMMITTED",
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "FOR NO KEY UPDATE",
    "SELECT unnest(CAST(string_to_array(:ids, ',') AS BIGINT[])) AS number",
};

inline constexpr dialect sqlite_dialect{
    "BEGIN IMMEDIATE",
    "BEGIN",
    "",
    "SELECT value AS number FROM json_each('[' || :ids || ']')",
};

constexpr dialect const& dialect_of(backend kind) {
    return kind == backend::postgresql ? postgresql_dialect : sqlite_dialect;
}

}  // namespace persistence
