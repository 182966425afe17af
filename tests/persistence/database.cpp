#include "tests/persistence/database.hpp"

#include "tests/support/postgres_server.hpp"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <stdexcept>

namespace tests {

namespace {

[[noreturn]] void fail(char const* why) {
    throw std::runtime_error(std::string("test: ") + why);
}

}  // namespace

sqlite_database::sqlite_database() {
    directory_ = (std::filesystem::temp_directory_path() / "stampede-sqlite-XXXXXX").string();
    if (mkdtemp(directory_.data()) == nullptr) fail("mkdtemp");
}

sqlite_database::~sqlite_database() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

persistence::storage_options sqlite_database::options() const {
    persistence::storage_options options;
    options.kind = kind;
    options.location = directory_ + "/chat.db";
    return options;
}

void sqlite_database::execute(std::string const& sql) const {
    number(sql);
}

std::int64_t sqlite_database::number(std::string const& sql) const {
    sqlite3* opened = nullptr;
    sqlite3_open((directory_ + "/chat.db").c_str(), &opened);
    std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection(opened, sqlite3_close);
    sqlite3_busy_timeout(opened, 5000);
    std::int64_t value = 0;
    auto take = [](void* into, int columns, char** texts, char**) {
        if (columns > 0 && texts[0] != nullptr) {
            *static_cast<std::int64_t*>(into) = std::strtoll(texts[0], nullptr, 10);
        }
        return 0;
    };
    if (sqlite3_exec(opened, sql.c_str(), take, &value, nullptr) != SQLITE_OK) {
        fail(sqlite3_errmsg(opened));
    }
    return value;
}

postgres_database::postgres_database() : location_(postgres_server::shared().fresh_schema()) {}

persistence::storage_options postgres_database::options() const {
    persistence::storage_options options;
    options.kind = kind;
    options.location = location_;
    return options;
}

void postgres_database::execute(std::string const& sql) const {
    number(sql);
}

std::int64_t postgres_database::number(std::string const& sql) const {
    std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(location_.c_str()), PQfinish);
    std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()),
                                                          PQclear);
    ExecStatusType const status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK) return 0;
    if (status != PGRES_TUPLES_OK) fail(PQerrorMessage(connection.get()));
    if (PQntuples(result.get()) == 0) return 0;
    return std::strtoll(PQgetvalue(result.get(), 0, 0), nullptr, 10);
}

room_lock::room_lock(postgres_database const& in, chat::room_id room) {
    std::shared_ptr<PGconn> connection(PQconnectdb(in.location().c_str()), PQfinish);
    std::string const sql =
        "BEGIN; SELECT 1 FROM rooms WHERE id = " + std::to_string(room.value) + " FOR UPDATE";
    std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()),
                                                          PQclear);
    if (PQntuples(result.get()) != 1) fail(PQerrorMessage(connection.get()));
    connection_ = std::move(connection);
}

chat::room_id make_room(persistence::storage& in, std::vector<std::uint64_t> const& members,
                        chat::new_room fields) {
    auto made = write(in, [&](chat::unit_of_work& unit) -> chat::result<chat::room_id> {
        auto room = unit.create_room(fields);
        if (!room) return room.error();
        for (auto const id : members) {
            auto added = unit.add_member(room->id, chat::user_id{id}, "u" + std::to_string(id),
                                         chat::member_role::member);
            if (!added) return added.error();
        }
        return room->id;
    });
    return made.value();
}

chat::new_message message_of(chat::room_id room, std::uint64_t author, std::string content,
                             std::string key) {
    chat::new_message message;
    message.room = room;
    message.author = chat::user_id{author};
    message.nickname = "n" + std::to_string(author);
    message.content = std::move(content);
    message.idempotency_key = std::move(key);
    return message;
}

void writer_probe::append(chat::new_message message) {
    {
        std::lock_guard guard(mutex_);
        ++appended_;
    }
    writer_->append({std::move(message)});
}

void writer_probe::append_all(std::vector<chat::new_message> messages) {
    std::vector<chat::pending_write> writes;
    writes.reserve(messages.size());
    for (auto& message : messages) writes.push_back({std::move(message)});
    {
        std::lock_guard guard(mutex_);
        appended_ += writes.size();
    }
    writer_->append_all(std::move(writes));
}

chat::write_outcome writer_probe::store(chat::new_message message) {
    std::promise<chat::write_outcome> done;
    auto finished = done.get_future();
    {
        std::lock_guard guard(mutex_);
        ++appended_;
    }
    writer_->append({std::move(message),
                     {[&done](chat::write_outcome const& outcome) { done.set_value(outcome); }}});
    return finished.get();
}

std::vector<chat::write_outcome> writer_probe::outcomes() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [&] { return outcomes_.size() == appended_; });
    return outcomes_;
}

std::size_t writer_probe::batches() {
    std::lock_guard guard(mutex_);
    return batches_;
}

void writer_probe::on_batch(std::vector<chat::finished_write> batch) {
    if (on_batch_hook) on_batch_hook(batch);
    {
        // Before the answers: who has one finds its batch counted.
        std::lock_guard guard(mutex_);
        ++batches_;
    }
    for (auto& write : batch) {
        if (write.waiter.done) write.waiter.done(write.outcome);
    }
    std::lock_guard guard(mutex_);
    for (auto& write : batch) outcomes_.push_back(std::move(write.outcome));
    changed_.notify_all();
}

std::vector<chat::stored_message> history(persistence::storage& in, chat::room_id room) {
    return read(in,
                [&](chat::unit_of_work& unit) -> chat::result<std::vector<chat::stored_message>> {
                    return unit.read_after(room, 0, std::numeric_limits<std::size_t>::max());
                })
        .value();
}

bool gapless(persistence::storage& in, chat::room_id room) {
    auto const last = read(in, [&](chat::unit_of_work& unit) { return unit.find_room(room); });
    auto const messages = history(in, room);
    for (std::size_t i = 0; i != messages.size(); ++i) {
        if (messages[i].seq != i + 1) return false;
    }
    return last.value().last_seq == messages.size();
}

}  // namespace tests
