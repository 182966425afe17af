#pragma once

#include "broker/ports/metrics.hpp"
#include "chat/ports/message_writer.hpp"
#include "chat/ports/outbox.hpp"
#include "chat/ports/store.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

// Opens the chat's database: SQLite in a file, or PostgreSQL. The only header of this folder that
// others need.

namespace persistence {

enum class backend : std::uint8_t { sqlite, postgresql };

// One for each thing an operator should hear of; for logs. The detail holds no message's content
// and no password. Called on database threads, and on the opening one while opening.
struct storage_event {
    std::string_view name;  // "migration_applied", "database_lost", "database_back", …
    std::string detail;
};

struct storage_options {
    backend kind = backend::sqlite;
    // SQLite: the file's path. PostgreSQL: a connection string, as a URI or as key=value pairs;
    // never repeated in errors and events, because it may hold a password.
    // Several hosts may be named: the one that takes writes is used.
    std::string location;
    // PostgreSQL: a replica of it, in the same form, for replica_read. Empty: none.
    std::string replica;

    std::size_t threads = 4;               // database threads of the store, one connection each
    std::size_t waiting_jobs = 10'000;     // store: above it store_busy
    std::size_t batch_count = 1024;        // writer: messages in one transaction
    std::size_t batch_bytes = 4U << 20U;   // writer: bytes of text in one transaction
    std::size_t queue_count = 65'536;      // writer: messages waiting; above it store_busy
    std::size_t queue_bytes = 64U << 20U;  // writer: bytes of text waiting; above it store_busy

    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds statement_timeout{5'000};  // for one statement, and for a lock
    // How long a job or a message waits for its turn, or for a database that is away, before it
    // gets store_busy or store_unavailable.
    std::chrono::milliseconds wait_timeout{10'000};

    // Write a row into the outbox with each message. Only with a relay that empties it.
    bool outbox = false;

    std::string node;  // this node's name, for the audit log

    std::function<void(storage_event const&)> on_event;
};

// Why the storage cannot be used at all: a sentence for the operator.
class storage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// What the storage counts; any thread may read.
struct storage_figures {
    // The writer's thread.
    broker::metrics::histogram commit_seconds{broker::metrics::latency_bounds};
    broker::metrics::histogram batch_messages{broker::metrics::batch_bounds};
    broker::metrics::counter stored;    // messages
    broker::metrics::counter repeated;  // answered with what was stored before
    broker::metrics::counter refused;   // for what the message or its author is
    broker::metrics::counter failed;    // the database could not
    broker::metrics::counter connects;  // to the database, by the writer
    // Under the writer's lock.
    broker::metrics::gauge waiting_messages;
    broker::metrics::gauge waiting_bytes;
    broker::metrics::counter turned_away;  // no room for them
    // The store's threads.
    broker::metrics::shared_counter jobs_done;
    broker::metrics::shared_counter jobs_failed;
    broker::metrics::shared_counter job_microseconds;  // from the queue to the answer, all together
    std::atomic<std::int64_t> waiting_jobs{0};
};

class storage {
public:
    virtual ~storage() = default;

    virtual chat::store& store() = 0;

    // As long as the storage.
    virtual storage_figures const& figures() const = 0;

    // Starts the one writer of this node. Its destruction stores what waits (for at most
    // wait_timeout), tells the listener and then ends. The listener and this storage outlive it.
    virtual std::unique_ptr<chat::message_writer> start_writer(chat::batch_listener& listener) = 0;

    // The outbox, for the relay of this node. Connects with its first use. This storage outlives
    // it.
    virtual std::unique_ptr<chat::outbox> open_outbox() = 0;
};

// Connects, applies the migrations that are missing, and starts the database threads. Throws
// storage_error when the database cannot be reached or written, or is newer than this program.
// The destruction finishes the jobs that wait.
std::unique_ptr<storage> open_storage(storage_options options);

}  // namespace persistence
