#pragma once

#include "persistence/storage.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// The databases that the contract runs on, each fresh and empty, and short ways to use them.

// For TEST_CASE_TEMPLATE.
#define BOTH tests::sqlite_database, tests::postgres_database

namespace tests {

class sqlite_database {
public:
    static constexpr persistence::backend kind = persistence::backend::sqlite;
    static constexpr int migration_count = 5;

    sqlite_database();
    ~sqlite_database();
    sqlite_database(sqlite_database const&) = delete;
    sqlite_database& operator=(sqlite_database const&) = delete;

    persistence::storage_options options() const;
    // Behind the storage's back.
    void execute(std::string const& sql) const;
    std::int64_t number(std::string const& sql) const;
    std::string const& directory() const { return directory_; }

private:
    std::string directory_;
};

class postgres_database {
public:
    static constexpr persistence::backend kind = persistence::backend::postgresql;
    static constexpr int migration_count = 6;

    postgres_database();
    explicit postgres_database(std::string location) : location_(std::move(location)) {}

    persistence::storage_options options() const;
    void execute(std::string const& sql) const;
    std::int64_t number(std::string const& sql) const;
    std::string const& location() const { return location_; }

private:
    std::string location_;
};

// The lock of a room's row, held by a connection that nobody else knows of.
class room_lock {
public:
    room_lock(postgres_database const& in, chat::room_id room);

    void release() { connection_.reset(); }

private:
    std::shared_ptr<void> connection_;
};

// For checks: what a result holds cannot be printed.
template <typename T>
bool ok(chat::result<T> const& answer) {
    return answer.has_value();
}

// Runs `work` in one transaction and waits for it. Its error is the chat's or the store's.
template <typename Work>
auto transact(chat::store& store, chat::access mode, Work work) {
    using outcome = std::invoke_result_t<Work&, chat::unit_of_work&>;
    auto answer = std::make_shared<outcome>(boost::system::in_place_error,
                                            make_error_code(chat::errc::store_unavailable));
    std::promise<boost::system::error_code> done;
    auto finished = done.get_future();
    store.run(
        mode,
        [answer, &work](chat::unit_of_work& unit) {
            *answer = work(unit);
            return answer->has_value();
        },
        [&done](boost::system::error_code error) { done.set_value(error); });
    if (auto error = finished.get()) *answer = outcome(boost::system::in_place_error, error);
    return std::move(*answer);
}

template <typename Work>
auto write(persistence::storage& in, Work work) {
    return transact(in.store(), chat::access::read_write, std::move(work));
}

template <typename Work>
auto read(persistence::storage& in, Work work) {
    return transact(in.store(), chat::access::read_only, std::move(work));
}

// The answer of a storage whose patience is short. On a machine that stops for a moment time runs
// out for what would succeed: a failure counts only when it came before the patience was over; else
// it is tried again, up to ten times in all.
template <typename Attempt, typename Succeeded>
auto in_time(persistence::storage_options const& of, Attempt attempt, Succeeded succeeded) {
    for (int left = 9;; --left) {
        auto const began = std::chrono::steady_clock::now();
        auto answer = attempt();
        auto const took = std::chrono::steady_clock::now() - began;
        if (succeeded(answer) || took < of.wait_timeout || left == 0) return answer;
    }
}

// A room with these members; their nicknames are "u<id>".
chat::room_id make_room(persistence::storage& in, std::vector<std::uint64_t> const& members,
                        chat::new_room fields = {});

chat::new_message message_of(chat::room_id room, std::uint64_t author, std::string content,
                             std::string key = {});

// A writer and what it said.
class writer_probe : chat::batch_listener {
public:
    explicit writer_probe(persistence::storage& in) : writer_(in.start_writer(*this)) {}
    ~writer_probe() override { stop(); }

    chat::message_writer& writer() { return *writer_; }
    void stop() { writer_.reset(); }

    void append(chat::new_message message);
    void append_all(std::vector<chat::new_message> messages);
    // Waits for the outcome.
    chat::write_outcome store(chat::new_message message);
    // Waits until everything appended so far has come back; in the order of coming.
    std::vector<chat::write_outcome> outcomes();
    std::size_t batches();

    // Called on the writer's thread with each batch, first.
    std::function<void(std::vector<chat::finished_write> const&)> on_batch_hook;

private:
    void on_batch(std::vector<chat::finished_write> batch) override;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t appended_ = 0;
    std::size_t batches_ = 0;
    std::vector<chat::write_outcome> outcomes_;
    std::unique_ptr<chat::message_writer> writer_;
};

// Every message of the room, by seq.
std::vector<chat::stored_message> history(persistence::storage& in, chat::room_id room);

// Whether the room's seqs are 1, 2, 3, … up to its last_seq.
bool gapless(persistence::storage& in, chat::room_id room);

}  // namespace tests
