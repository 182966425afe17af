#include "persistence/database_threads.hpp"

#include "persistence/backoff.hpp"
#include "persistence/database_error.hpp"
#include "persistence/lock_patience.hpp"
#include "persistence/postgres_connection.hpp"
#include "persistence/replica.hpp"
#include "persistence/soci_unit_of_work.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/turnstile.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <algorithm>
#include <utility>

namespace persistence {
namespace {

void wait_for_locks(sql_session& session, std::string_view scope, std::chrono::milliseconds most) {
    session.execute_script(fmt::format("SET {} lock_timeout = {}", scope, most.count()));
}

}  // namespace

database_threads::database_threads(storage_options const& options, turnstile& turns,
                                   storage_figures& figures)
    : options_(options), turns_(turns), figures_(figures) {
    std::size_t const count = std::max<std::size_t>(1, options_.threads);
    for (std::size_t i = 0; i != count; ++i) {
        threads_.emplace_back([this, i] { serve(shared_, "store-" + std::to_string(i)); });
    }
    if (options_.kind == backend::postgresql && !options_.replica.empty()) {
        replica_ = std::make_unique<replica>(options_);
        for (std::size_t i = 0; i != count; ++i) {
            threads_.emplace_back(
                [this, i] { serve(replica_reads_, "reads-" + std::to_string(i)); });
        }
    }
    if (options_.kind == backend::sqlite) {
        threads_.emplace_back([this] { serve(writes_, "store-write"); });
    }
}

database_threads::~database_threads() {
    for (lane* each : {&shared_, &writes_, &replica_reads_}) {
        std::lock_guard guard(each->mutex);
        each->stopping = true;
        each->changed.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
}

database_threads::lane& database_threads::lane_of(chat::access mode) {
    if (replica_ && mode == chat::access::replica_read) return replica_reads_;
    bool const apart = options_.kind == backend::sqlite && mode == chat::access::read_write;
    return apart ? writes_ : shared_;
}

void database_threads::run(chat::access mode, std::function<bool(chat::unit_of_work&)> work,
                           broker::unique_function<void(boost::system::error_code)> done,
                           std::chrono::milliseconds patience) {
    auto const given = clock::now();
    job offered{mode, std::move(work), std::move(done), given,
                given + std::min(patience, options_.wait_timeout)};
    if (auto const refused = enqueue(lane_of(mode), offered)) offered.done(refused);
}

// Takes the job unless it answers why not.
boost::system::error_code database_threads::enqueue(lane& to, job& offered) {
    {
        std::lock_guard guard(to.mutex);
        if (to.stopping) return chat::errc::store_unavailable;
        if (to.jobs.size() + to.laid_aside.size() >= options_.waiting_jobs)
            return chat::errc::store_busy;
        to.jobs.push_back(std::move(offered));
        figures_.waiting_jobs.fetch_add(1, std::memory_order_relaxed);
    }
    to.changed.notify_one();
    return {};
}

void database_threads::serve(lane& from, std::string const& name) {
    pthread_setname_np(pthread_self(), name.c_str());
    sessions with;
    std::unique_lock guard(from.mutex);
    while (auto taken = next(from, guard)) {
        figures_.waiting_jobs.fetch_sub(1, std::memory_order_relaxed);
        guard.unlock();
        bool const finished = finish(*taken, with);
        guard.lock();
        if (taken->laid_aside) from.retrying = false;
        if (!finished) {
            taken->laid_aside = true;
            taken->again_at = clock::now() + lock_retry_pause;
            from.laid_aside.push_back(*std::move(taken));
            figures_.waiting_jobs.fetch_add(1, std::memory_order_relaxed);
        }
        // Whoever waits for a job waits no longer than until the next of these.
        if (!from.laid_aside.empty()) from.changed.notify_one();
    }
}

std::optional<database_threads::job> database_threads::next(lane& of,
                                                            std::unique_lock<std::mutex>& guard) {
    auto const taken_from = [](std::deque<job>& jobs) {
        std::optional<job> first(std::move(jobs.front()));
        jobs.pop_front();
        return first;
    };
    for (;;) {
        bool const may_retry = !of.laid_aside.empty() && !of.retrying;
        if (may_retry && of.laid_aside.front().again_at <= clock::now()) {
            of.retrying = true;
            auto taken = taken_from(of.laid_aside);
            taken->patience_for_locks = lock_patience_again;
            return taken;
        }
        if (!of.jobs.empty()) {
            auto taken = taken_from(of.jobs);
            if (of.retrying || !of.laid_aside.empty())
                taken->patience_for_locks = lock_patience_behind_others;
            return taken;
        }
        // Who has one of those comes back for the others.
        if (of.stopping && !may_retry) return std::nullopt;
        if (may_retry) {
            auto const until = of.laid_aside.front().again_at;  // it may be gone while we wait
            of.changed.wait_until(guard, until);
        } else {
            of.changed.wait(guard);
        }
    }
}

bool database_threads::finish(job& work, sessions& with) {
    boost::system::error_code answer;
    backoff pause;
    if (clock::now() >= work.deadline) answer = chat::errc::store_busy;
    for (int conflicts = 0; !answer;) {
        try {
            attempt(work, with);
            break;
        } catch (database_error const& error) {
            if (error.kind() == failure::locked &&
                clock::now() + lock_retry_pause < work.deadline) {
                return false;
            }
            auto const until = clock::now() + pause.next();
            bool const again =
                until < work.deadline &&
                (error.kind() == failure::lost ||
                 (error.kind() == failure::conflict && ++conflicts < conflict_attempts));
            if (!again) {
                answer = error_for_chat(error.kind());
                report("job_failed", error.what());
            } else {
                std::this_thread::sleep_until(until);
            }
        } catch (std::exception const& error) {
            // A fault in the work itself; the transaction was rolled back.
            answer = chat::errc::store_unavailable;
            report("job_threw", error.what());
        }
    }
    auto const waited = clock::now() - work.given;
    figures_.job_microseconds.add(
        static_cast<std::uint64_t>(waited / std::chrono::microseconds(1)));
    (answer ? figures_.jobs_failed : figures_.jobs_done).add();
    work.work = nullptr;
    work.done(answer);
    return true;
}

void database_threads::attempt(job& work, sessions& with) {
    if (replica_ && work.mode == chat::access::replica_read &&
        attempt_on_replica(work, with.replica)) {
        return;
    }
    auto& session = with.source;
    // A source that closed for a switch-over would go on answering old things.
    if (session && (!session->usable() || turned_read_only(*session))) session.reset();
    if (!session) session = connect(work.mode);
    if (options_.kind == backend::sqlite && work.mode == chat::access::read_write) {
        std::lock_guard turn(turns_);
        transact(work, *session, true);
    } else {
        transact(work, *session, true);
    }
}

bool database_threads::attempt_on_replica(job& work, std::unique_ptr<sql_session>& session) {
    if (!replica_->ready(session)) return false;
    try {
        transact(work, *session, false);
        return true;
    } catch (database_error const& error) {
        // What the replica replays may break off a reader: that is no reason to leave it.
        if (error.kind() != failure::conflict) replica_->failed(session, error.what());
        return false;
    }
}

void database_threads::transact(job& work, sql_session& session, bool source) {
    if (work.mode == chat::access::read_write) {
        session.begin_write();
    } else {
        session.begin_read();
    }
    // An idle session hears of it with the answer to its next statement.
    if (source && turned_read_only(session)) {
        session.rollback();
        throw database_error(failure::lost, "the server takes no writes any more");
    }
    bool keep = false;
    try {
        if (work.patience_for_locks) {
            auto const most = below(options_.statement_timeout, *work.patience_for_locks);
            wait_for_locks(session, "LOCAL", most);
        }
        soci_unit_of_work unit(session, options_.outbox, options_.node);
        keep = work.work(unit);
    } catch (...) {
        session.rollback();
        throw;
    }
    if (!keep) {
        session.rollback();
        return;
    }
    try {
        session.commit();
    } catch (database_error const& error) {
        session.rollback();
        // Reading once more does no harm; writing would be twice if the first one was committed.
        if (error.kind() == failure::in_doubt && work.mode != chat::access::read_write)
            throw database_error(failure::lost, error.what());
        throw;
    }
}

std::unique_ptr<sql_session> database_threads::connect(chat::access mode) const {
    if (options_.kind == backend::postgresql) {
        auto session = connect_postgres(options_);
        wait_for_locks(*session, "SESSION", below(options_.statement_timeout, lock_patience));
        return session;
    }
    return connect_sqlite(
        options_, mode == chat::access::read_write ? sqlite_role::writer : sqlite_role::reader);
}

void database_threads::report(std::string_view event, std::string detail) const {
    if (options_.on_event) options_.on_event({event, std::move(detail)});
}

}  // namespace persistence
