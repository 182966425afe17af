#include "persistence/sqlite_connection.hpp"

#include "persistence/database_error.hpp"
#include "persistence/native_handle.hpp"

#include <fmt/format.h>
#include <soci.h>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>

namespace persistence {

namespace {

// SOCI reads a string with '=' as pairs and any other as the path itself.
std::string connect_string(std::string const& path) {
    return path.find('=') == std::string::npos ? path : "dbname=\"" + path + "\"";
}

std::string reason_to_refuse(std::string const& path) {
    namespace fs = std::filesystem;
    if (path.empty()) return "no file name is configured";
    if (path.starts_with(":memory:") || path.starts_with("file:")) {
        return "a plain file name is needed, because every connection must see the same data";
    }
    if (path.find('"') != std::string::npos) return "the name must not contain a double quote";
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return "it is a directory";
    fs::path const parent = fs::absolute(path, ignored).parent_path();
    if (!fs::is_directory(parent, ignored)) {
        return fmt::format("the directory {} does not exist", parent.string());
    }
    return {};
}

// After each commit: copies the log into the file once it is long enough (pages of 4 KiB). That
// cannot start the log anew while some reader is in it, and with many readers some always is; so
// when it grows beyond bounds, wait a moment for those readers, and longer each time that it was in
// vain: a log that outgrows its readers holds the writer up. New ones need only the file then.
int on_commit(void* busy_timeout, sqlite_api::sqlite3* connection, char const*, int pages) {
    constexpr int enough = 4'000;
    constexpr int too_long = 16'384;
    constexpr int shortest_wait_ms = 50;
    constexpr int doublings = 5;
    constexpr int steps = 1'024;  // pages between two attempts to start anew
    static thread_local int last_attempt = 0;
    static thread_local int in_vain = 0;
    if (pages < last_attempt) last_attempt = in_vain = 0;
    if (pages < enough) return SQLITE_OK;
    bool const insist = pages >= too_long && pages - last_attempt >= steps;
    if (insist) {
        last_attempt = pages;
        sqlite_api::sqlite3_busy_timeout(connection, shortest_wait_ms << in_vain);
        in_vain = std::min(in_vain + 1, doublings);
    }
    // Its failure is none of the commit's, which is done; the next one tries again.
    sqlite_api::sqlite3_wal_checkpoint_v2(
        connection, "main", insist ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, nullptr,
        nullptr);
    if (insist) {
        auto const usual = reinterpret_cast<std::intptr_t>(busy_timeout);
        sqlite_api::sqlite3_busy_timeout(connection, static_cast<int>(usual));
    }
    return SQLITE_OK;
}

}  // namespace

std::unique_ptr<sql_session> connect_sqlite(storage_options const& options, sqlite_role role) {
    std::string const& path = options.location;
    auto const failed = [&path](failure kind, std::string_view why) {
        return database_error(kind, fmt::format("SQLite file {}: {}", path, why));
    };
    if (std::string const reason = reason_to_refuse(path); !reason.empty()) {
        throw failed(failure::unavailable, reason);
    }
    try {
        auto connection = std::make_unique<soci::session>(soci::sqlite3, connect_string(path));
        auto* native = sqlite_handle(*connection);
        sqlite_api::sqlite3_extended_result_codes(native, 1);
        sqlite_api::sqlite3_busy_timeout(native,
                                         static_cast<int>(options.statement_timeout.count()));
        auto session = std::make_unique<sql_session>(std::move(connection), sqlite_dialect);
        session->execute_script("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY");
        if (role == sqlite_role::reader) {
            session->execute_script("PRAGMA query_only = ON");
            return session;
        }
        // The log is cut back to this size when a burst has blown it up.
        session->execute_script(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384");
        auto const busy_timeout = static_cast<std::intptr_t>(options.statement_timeout.count());
        sqlite_api::sqlite3_wal_hook(native, on_commit, reinterpret_cast<void*>(busy_timeout));
        return session;
    } catch (database_error const& error) {
        throw failed(error.kind(), error.what());
    } catch (soci::soci_error const& error) {
        database_error const translated = translate(error);
        throw failed(translated.kind(), translated.what());
    }
}

}  // namespace persistence
