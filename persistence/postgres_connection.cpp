#include "persistence/postgres_connection.hpp"

#include "persistence/database_error.hpp"
#include "persistence/native_handle.hpp"
#include "persistence/postgres_pipeline.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <soci.h>
#include <algorithm>
#include <array>
#include <future>
#include <map>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace persistence {

namespace {

struct conninfo_closer {
    void operator()(PQconninfoOption* parsed) const noexcept { PQconninfoFree(parsed); }
};

using parameters = std::map<std::string, std::string, std::less<>>;

[[noreturn]] void refuse_location() {
    throw storage_error(
        "PostgreSQL: the connection string cannot be read (it is not repeated here, as it may "
        "hold a password); expected postgresql://user@host:5432/database, or pairs such as "
        "host=db dbname=chat user=stampede");
}

// A password with a slash that is not written as %2F ends what libpq takes for the host; the rest
// would be shown as the port and the database.
bool has_torn_password(std::string_view location, std::string_view port) {
    if (port.find_first_not_of("0123456789,") != std::string_view::npos) return true;
    auto const scheme = location.find("://");
    if (scheme == std::string_view::npos || !location.starts_with("postgres")) return false;
    auto const address = location.substr(0, location.find('?'));
    auto const path = address.find('/', scheme + 3);
    return path != std::string_view::npos && address.find('@', path) != std::string_view::npos;
}

parameters parse(std::string const& location) {
    char* complaint = nullptr;
    std::unique_ptr<PQconninfoOption, conninfo_closer> parsed(
        PQconninfoParse(location.c_str(), &complaint));
    if (!parsed) {
        // libpq's complaint repeats parts of the string, which may be the password.
        PQfreemem(complaint);
        refuse_location();
    }
    parameters found;
    for (PQconninfoOption const* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) found.emplace(option->keyword, option->val);
    }
    auto const port = found.find("port");
    if (has_torn_password(location, port == found.end() ? "" : port->second)) refuse_location();
    return found;
}

std::string assemble(parameters const& from) {
    std::string text;
    for (auto const& [key, value] : from) {
        text += key + "='";
        for (char const c : value) {
            if (c == '\'' || c == '\\') text += '\\';
            text += c;
        }
        text += "' ";
    }
    return text;
}

// What the string leaves open and libpq takes from the environment, as libpq sees it.
std::string effective(parameters const& given, std::string_view key) {
    if (auto found = given.find(key); found != given.end()) return found->second;
    std::unique_ptr<PQconninfoOption, conninfo_closer> defaults(PQconndefaults());
    for (PQconninfoOption const* option = defaults.get();
         option != nullptr && option->keyword != nullptr; ++option) {
        if (key == option->keyword && option->val != nullptr) return option->val;
    }
    return {};
}

std::string without_password(std::string text, parameters const& given) {
    std::string const password = effective(given, "password");
    if (password.empty()) return text;
    for (std::size_t at = 0; (at = text.find(password, at)) != std::string::npos; at += 3) {
        text.replace(at, password.size(), "***");
    }
    return text;
}

void check(PGconn* connection, PGresult* answer) {
    std::unique_ptr<PGresult, result_closer> result(answer);
    ExecStatusType const status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
    throw database_error(failure_of_answer(result.get()), PQerrorMessage(connection));
}

// False when there was no answer in time. A broken connection counts as answered.
bool answered(PGconn* connection, std::chrono::milliseconds limit) {
    using namespace std::chrono;
    auto const until = steady_clock::now() + limit;
    while (PQisBusy(connection) != 0) {
        auto const left = ceil<milliseconds>(until - steady_clock::now()).count();
        if (left <= 0) return false;
        pollfd wanted{PQsocket(connection), POLLIN, 0};
        int const ready = poll(&wanted, 1, static_cast<int>(std::min<long long>(left, 60'000)));
        if (ready > 0 && PQconsumeInput(connection) == 0) return true;
    }
    return true;
}

// Tells the server to end what it does for this connection. True once it was told, within the
// limit: nothing of it comes any more. PQcancel waits for the answer without one, and so in a
// thread of its own, which needs nothing of ours and which nobody waits for.
bool cancelled(PGconn* connection, std::chrono::milliseconds limit) {
    std::shared_ptr<PGcancel> cancel(PQgetCancel(connection), PQfreeCancel);
    std::packaged_task<bool()> task([cancel = std::move(cancel)] {
        std::array<char, 256> complaint{};
        return cancel != nullptr &&
               PQcancel(cancel.get(), complaint.data(), static_cast<int>(complaint.size())) == 1;
    });
    auto told = task.get_future();
    try {
        std::thread(std::move(task)).detach();
    } catch (std::system_error const&) {
        return false;
    }
    return told.wait_for(limit) == std::future_status::ready && told.get();
}

}  // namespace

failure failure_of_answer(PGresult const* answer) noexcept {
    char const* state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    if (state == nullptr) return failure::lost;
    char const* severity = PQresultErrorField(answer, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != nullptr && std::string_view(severity) == "PANIC") return failure::lost;
    return failure_of_sqlstate(state);
}

void await_commit(PGconn* connection, std::chrono::milliseconds limit) {
    if (answered(connection, limit)) return;
    if (cancelled(connection, limit) && answered(connection, limit)) return;
    throw database_error(failure::lost, "the commit was not answered in time");
}

void execute_on(PGconn* connection, std::string const& sql) {
    check(connection, PQexec(connection, sql.c_str()));
}

void finish_on(PGconn* connection) {
    check(connection, PQgetResult(connection));
    while (PGresult* rest = PQgetResult(connection)) PQclear(rest);
}

std::string describe_postgres(std::string const& location) {
    parameters const given = parse(location);
    std::string host = effective(given, "host");
    if (host.empty()) host = effective(given, "hostaddr");
    if (host.empty()) host = "the local socket";
    return fmt::format("PostgreSQL at {}:{}, database {}, user {}", host, effective(given, "port"),
                       effective(given, "dbname"), effective(given, "user"));
}

bool turned_read_only(sql_session& session) {
    auto const* native = postgres_handle(session.connection());
    if (native == nullptr) return false;
    // The server reports each change of these by itself.
    for (char const* name : {"default_transaction_read_only", "in_hot_standby"}) {
        char const* value = PQparameterStatus(native, name);
        if (value != nullptr && std::string_view(value) == "on") return true;
    }
    return false;
}

std::unique_ptr<sql_session> connect_postgres(storage_options const& options, postgres_role role) {
    using namespace std::chrono;
    bool const replica = role == postgres_role::replica;
    parameters const given = parse(replica ? options.replica : options.location);
    parameters complete = given;
    auto const seconds_of = [](milliseconds time) {
        return std::to_string(std::max<long long>(1, duration_cast<seconds>(time).count()));
    };
    complete.emplace("application_name", "stampede");
    complete.emplace("connect_timeout",
                     seconds_of(replica ? std::min<milliseconds>(options.connect_timeout, 2s)
                                        : options.connect_timeout));
    // A standby, or a source that was closed for a switch-over, is the wrong server.
    if (!replica) complete.emplace("target_session_attrs", "read-write");
    // A peer that vanished without a word is noticed in seconds, not in the kernel's two hours.
    complete.emplace("keepalives_idle", "5");
    complete.emplace("keepalives_interval", "2");
    complete.emplace("keepalives_count", "3");
    complete.emplace("tcp_user_timeout", std::to_string(2 * options.statement_timeout.count()));
    complete["client_encoding"] = "UTF8";

    std::unique_ptr<soci::session> connection;
    try {
        connection = std::make_unique<soci::session>(soci::postgresql, assemble(complete));
    } catch (soci::soci_error const& error) {
        std::string text = error.get_error_message();
        if (auto line = text.find('\n'); line != std::string::npos) text.erase(0, line + 1);
        while (!text.empty() && text.back() == '\n') text.pop_back();
        throw database_error(failure::lost, without_password(std::move(text), given));
    }

    auto* native = postgres_handle(*connection);
    // Terse: the DETAIL of an error repeats the row's values, which do not belong into a log.
    PQsetErrorVerbosity(native, PQERRORS_TERSE);

    auto session = std::make_unique<sql_session>(std::move(connection), postgresql_dialect);
    PQsetNoticeReceiver(
        native,
        [](void* of, PGresult const* notice) {
            char const* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
            if (severity == nullptr) return;
            auto* told = static_cast<sql_session*>(of);
            if (std::string_view(severity) == "WARNING") told->note_warning();
            if (std::string_view(severity) == "FATAL") told->note_end();
        },
        session.get());
    session->limit_statements(options.statement_timeout);
    long long const limit = options.statement_timeout.count();
    // Between the statements of a transaction we wait for nobody. A node that is frozen there must
    // not keep the others from the rooms that it has locked.
    long long const idle_limit = std::min(10 * limit, 2'000LL);
    session->execute_script(fmt::format(
        "SET statement_timeout = {}; SET lock_timeout = {};"
        "SET idle_in_transaction_session_timeout = {};"
        // The plans of our statements do not depend on their parameters: plan them once. That may
        // be while the tables are empty and a scan looks cheaper than the index.
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off;"
        // A commit that is answered before it is on the disk is not what RECEIPT promises.
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') = 'off'",
        limit, limit, idle_limit));
    return session;
}

}  // namespace persistence
