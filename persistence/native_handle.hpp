#pragma once

#include <postgresql/soci-postgresql.h>
#include <soci.h>
#include <sqlite3/soci-sqlite3.h>

// The C libraries' own handles under a SOCI session, for what SOCI does not offer; null when the
// session is of the other database. (The backends' types are not exported, so that dynamic_cast
// cannot tell.)

namespace persistence {

inline PGconn* postgres_handle(soci::session& session) {
    if (session.get_backend_name() != "postgresql") return nullptr;
    return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

inline sqlite_api::sqlite3* sqlite_handle(soci::session& session) {
    if (session.get_backend_name() != "sqlite3") return nullptr;
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

}  // namespace persistence
