#include "persistence/database_error.hpp"

#include <postgresql/soci-postgresql.h>
#include <soci.h>
#include <sqlite3/soci-sqlite3.h>

namespace persistence {

failure failure_of_sqlstate(std::string_view sqlstate) noexcept {
    struct row {
        std::string_view prefix;
        failure kind;
    };
    // The longest prefixes first.
    static constexpr row rows[] = {
        {"40001", failure::conflict},     // serialization_failure
        {"40P01", failure::conflict},     // deadlock_detected
        {"55P03", failure::locked},       // lock_not_available
        {"57014", failure::busy},         // query_canceled: statement_timeout
        {"57P04", failure::unavailable},  // database_dropped
        {"57P", failure::lost},           // shutting down, starting up
        {"25006", failure::lost},         // read_only_sql_transaction: became a standby
        {"25P03", failure::lost},         // idle_in_transaction_session_timeout
        {"08", failure::lost},            // connection exceptions
        {"28", failure::unavailable},     // authorization
        {"3D", failure::unavailable},     // the database does not exist
        {"53", failure::unavailable},     // insufficient resources
        {"58", failure::unavailable},     // system errors
        {"XX", failure::unavailable},     // internal errors, corruption
    };
    for (row const& candidate : rows) {
        if (sqlstate.starts_with(candidate.prefix)) return candidate.kind;
    }
    return failure::refused;
}

failure failure_of_sqlite(int result_code) noexcept {
    switch (result_code & 0xff) {  // the primary code of an extended one
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return failure::conflict;
        case SQLITE_INTERRUPT: return failure::busy;
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_NOMEM:
        case SQLITE_PERM:
        case SQLITE_PROTOCOL:
        case SQLITE_READONLY: return failure::unavailable;
        default: return failure::refused;
    }
}

database_error translate(soci::soci_error const& error) {
    // get_error_message() leaves out the values of the parameters, which what() repeats.
    std::string text = error.get_error_message();
    if (auto const* postgres = dynamic_cast<soci::postgresql_soci_error const*>(&error)) {
        std::string const state = postgres->sqlstate();
        // SOCI gives blanks when the server said nothing: the connection broke.
        return {state == "     " ? failure::lost : failure_of_sqlstate(state), text};
    }
    if (auto const* sqlite = dynamic_cast<soci::sqlite3_soci_error const*>(&error)) {
        return {failure_of_sqlite(sqlite->result()), text};
    }
    return {failure::refused, text};
}

boost::system::error_code error_for_chat(failure kind) noexcept {
    switch (kind) {
        case failure::conflict:
        case failure::locked:
        case failure::busy: return chat::errc::store_busy;
        case failure::in_doubt: return chat::errc::store_in_doubt;
        default: return chat::errc::store_unavailable;
    }
}

}  // namespace persistence
