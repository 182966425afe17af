#pragma once

#include "chat/ports/store.hpp"
#include "persistence/sql_session.hpp"
#include "persistence/storage.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

// The store: threads that take jobs from a bounded queue, each with a connection of its own.
//
// A job is tried again after a conflict and on a new connection after the loss of one, until
// wait_timeout has passed since it was given. So is one that finds its rows locked by somebody
// else; it is laid aside meanwhile, and no more than one thread waits for such jobs. Threads of
// their own serve replica_read when there is a replica; what it cannot answer goes to the source.
// When the connection is lost while a commit is under way, nobody knows whether it took place; the
// job then ends with store_in_doubt.

namespace persistence {

class replica;
class turnstile;

class database_threads final : public chat::store {
public:
    // `turns` and `figures` outlive us.
    database_threads(storage_options const& options, turnstile& turns, storage_figures& figures);
    // Runs what waits, then ends the threads.
    ~database_threads() override;

    using chat::store::run;
    void run(chat::access mode, std::function<bool(chat::unit_of_work&)> work,
             broker::unique_function<void(boost::system::error_code)> done,
             std::chrono::milliseconds patience) override;

private:
    using clock = std::chrono::steady_clock;

    struct job {
        chat::access mode;
        std::function<bool(chat::unit_of_work&)> work;
        broker::unique_function<void(boost::system::error_code)> done;
        clock::time_point given;
        clock::time_point deadline;
        bool laid_aside = false;
        clock::time_point again_at{};  // of one that was laid aside
        std::optional<std::chrono::milliseconds> patience_for_locks{};  // none: as usual
    };

    struct sessions {
        std::unique_ptr<sql_session> source;
        std::unique_ptr<sql_session> replica;
    };

    // A queue and the threads that serve it. On SQLite writing jobs have one of their own, so that
    // they wait for each other without keeping the readers from working.
    struct lane {
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<job> jobs;
        std::deque<job> laid_aside;  // by again_at
        bool retrying = false;       // a thread has one of those
        bool stopping = false;
    };

    lane& lane_of(chat::access mode);
    boost::system::error_code enqueue(lane& to, job& offered);
    void serve(lane& from, std::string const& name);
    // Waits for one. None when there will be none any more.
    static std::optional<job> next(lane& of, std::unique_lock<std::mutex>& guard);
    // False when it has to be tried again later.
    bool finish(job& work, sessions& with);
    // One attempt; throws database_error.
    void attempt(job& work, sessions& with);
    // False when the source has to answer.
    bool attempt_on_replica(job& work, std::unique_ptr<sql_session>& session);
    void transact(job& work, sql_session& session, bool source);
    std::unique_ptr<sql_session> connect(chat::access mode) const;
    void report(std::string_view event, std::string detail) const;

    storage_options const options_;
    turnstile& turns_;
    storage_figures& figures_;
    lane shared_;
    lane writes_;         // SQLite only
    lane replica_reads_;  // only with a replica
    std::unique_ptr<replica> replica_;
    std::vector<std::thread> threads_;
};

}  // namespace persistence
