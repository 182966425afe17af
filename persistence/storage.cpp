#include "persistence/storage.hpp"

#include "persistence/backoff.hpp"
#include "persistence/database_error.hpp"
#include "persistence/database_threads.hpp"
#include "persistence/group_writer.hpp"
#include "persistence/migrations.hpp"
#include "persistence/outbox_connection.hpp"
#include "persistence/postgres_connection.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/turnstile.hpp"

#include <fmt/format.h>
#include <soci.h>
#include <thread>
#include <utility>

namespace persistence {

namespace {

class open_database final : public storage {
public:
    explicit open_database(storage_options options)
        : options_(std::move(options)), store_(options_, turns_, figures_) {}

    chat::store& store() override { return store_; }
    storage_figures const& figures() const override { return figures_; }

    std::unique_ptr<chat::message_writer> start_writer(chat::batch_listener& listener) override {
        auto connect = [this]() -> std::unique_ptr<batch_connection> {
            if (options_.kind == backend::postgresql) return connect_postgres_batches(options_);
            return connect_sqlite_batches(options_, turns_);
        };
        return std::make_unique<group_writer>(options_, std::move(connect), listener, figures_);
    }

    std::unique_ptr<chat::outbox> open_outbox() override { return make_outbox(options_, turns_); }

private:
    storage_options const options_;
    storage_figures figures_;
    turnstile turns_;
    database_threads store_;
};

// What is asked of a PostgreSQL server before it is used.
void examine_postgres(sql_session& session) {
    std::string encoding;
    std::int64_t version = 0;
    query asked(session,
                "SELECT current_setting('server_encoding'),"
                " current_setting('server_version_num')::bigint");
    asked.out(encoding).out(version).one();
    if (encoding != "UTF8") {
        throw storage_error(fmt::format(
            "the database's encoding is {}, and UTF8 is needed: create it with ENCODING 'UTF8'",
            encoding));
    }
    if (version < 130000) throw storage_error("PostgreSQL 13 or newer is needed");
}

void prepare_database(storage_options const& options) {
    std::unique_ptr<sql_session> session;
    if (options.kind == backend::postgresql) {
        session = connect_postgres(options);
        examine_postgres(*session);
    } else {
        session = connect_sqlite(options, sqlite_role::writer);
    }
    migrate(*session, options.kind, migrations_of(options.kind), options.on_event);
}

}  // namespace

std::unique_ptr<storage> open_storage(storage_options options) {
    std::string const where = options.kind == backend::postgresql
                                  ? describe_postgres(options.location)
                                  : fmt::format("SQLite file {}", options.location);
    if (options.kind == backend::postgresql && !options.replica.empty())
        describe_postgres(options.replica);  // throws when it cannot be read
    auto const deadline = std::chrono::steady_clock::now() + options.wait_timeout;
    for (backoff pause;;) {
        try {
            prepare_database(options);
            break;
        } catch (database_error const& error) {
            // Other nodes that start as well may be in the way.
            bool const conflict = error.kind() == failure::conflict ||
                                  error.kind() == failure::locked || error.kind() == failure::busy;
            if (!conflict || std::chrono::steady_clock::now() > deadline) {
                throw storage_error(fmt::format("{}: {}", where, error.what()));
            }
            std::this_thread::sleep_for(pause.next());
        } catch (storage_error const& error) {
            throw storage_error(fmt::format("{}: {}", where, error.what()));
        }
    }
    return std::make_unique<open_database>(std::move(options));
}

}  // namespace persistence
