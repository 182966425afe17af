#include "persistence/group_writer.hpp"

#include "persistence/database_error.hpp"
#include "persistence/lock_patience.hpp"

#include <pthread.h>
#include <algorithm>
#include <iterator>
#include <utility>

namespace persistence {

namespace {

// Writes that come one by one share a piece up to this.
constexpr std::size_t piece_size = 64;

std::size_t weight(chat::new_message const& message) {
    return message.content.size() + message.nickname.size() + message.idempotency_key.size();
}

}  // namespace

group_writer::group_writer(storage_options const& options, connector connect,
                           chat::batch_listener& listener, storage_figures& figures)
    : options_(options), connect_(std::move(connect)), listener_(listener), figures_(figures) {
    thread_ = std::thread([this] { serve(); });
}

group_writer::~group_writer() {
    {
        std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void group_writer::append(chat::pending_write write) {
    bool const unstorable = !storable(write.message);
    bool wake = false;
    {
        std::lock_guard guard(mutex_);
        if (admit(write, unstorable)) {
            if (incoming_.empty() || incoming_.back().size() >= piece_size)
                incoming_.emplace_back();
            incoming_.back().push_back(std::move(write));
        }
        wake = std::exchange(asleep_, false);
    }
    if (wake) changed_.notify_one();
}

void group_writer::append_all(writes all) {
    if (all.empty()) return;
    std::vector<bool> unstorable;
    unstorable.reserve(all.size());
    for (auto const& write : all) unstorable.push_back(!storable(write.message));
    bool wake = false;
    {
        std::lock_guard guard(mutex_);
        auto end = all.begin();
        for (std::size_t i = 0; i != all.size(); ++i) {
            if (!admit(all[i], unstorable[i])) continue;
            if (&*end != &all[i]) *end = std::move(all[i]);
            ++end;
        }
        all.erase(end, all.end());
        if (!all.empty()) incoming_.push_back(std::move(all));
        wake = std::exchange(asleep_, false);
    }
    if (wake) changed_.notify_one();
}

bool group_writer::admit(chat::pending_write& write, bool unstorable) {
    std::size_t const bytes = weight(write.message);
    boost::system::error_code refused;
    if (unstorable) {
        refused = chat::errc::bad_field;
    } else if (stopping_) {
        refused = chat::errc::store_unavailable;
    } else if (waiting_count_ >= options_.queue_count ||
               waiting_bytes_ + bytes > options_.queue_bytes) {
        refused = chat::errc::store_busy;
    }
    if (refused) {
        figures_.turned_away.add();
        refused_.push_back({{refused, false}, std::move(write.waiter)});
        return false;
    }
    ++waiting_count_;
    waiting_bytes_ += bytes;
    figures_.waiting_messages.add();
    figures_.waiting_bytes.add(static_cast<std::int64_t>(bytes));
    return true;
}

void group_writer::probe(probe_completion done) {
    std::unique_lock guard(mutex_);
    if (stopping_) {
        guard.unlock();
        return done(chat::errc::store_unavailable);
    }
    probes_.push_back(std::move(done));
    bool const wake = std::exchange(asleep_, false);
    guard.unlock();
    if (wake) changed_.notify_one();
}

void group_writer::serve() {
    pthread_setname_np(pthread_self(), "writer");
    while (gather()) {
        retry_held();
        store_all(std::exchange(gathered_, {}), true);
        answer_probes();
    }
}

bool group_writer::gather() {
    std::vector<chat::finished_write> refused;
    bool more = true;
    {
        std::unique_lock guard(mutex_);
        auto const nothing_new = [&] {
            return incoming_.empty() && refused_.empty() && probes_.empty();
        };
        while (nothing_new() && !(stopping_ && held_.empty())) {
            asleep_ = true;
            if (held_.empty()) {
                changed_.wait(guard);
            } else if (changed_.wait_until(guard, retry_at_) == std::cv_status::timeout) {
                break;
            }
        }
        asleep_ = false;
        gathered_.swap(incoming_);
        refused.swap(refused_);
        more = !gathered_.empty() || !refused.empty() || !probes_.empty() || !held_.empty() ||
               !stopping_;
    }
    if (!refused.empty()) tell(std::move(refused));
    return more;
}

void group_writer::store_all(std::vector<writes> pieces, bool wait_for_rooms) {
    writes slice;
    std::size_t bytes = 0;
    for (auto& piece : pieces) {
        for (auto& write : piece) {
            std::size_t const own = weight(write.message);
            if (slice.size() == options_.batch_count ||
                (!slice.empty() && bytes + own > options_.batch_bytes)) {
                store_slice(std::exchange(slice, {}), wait_for_rooms);
                bytes = 0;
            }
            if (held_rooms_.contains(write.message.room)) {
                held_.push_back(std::move(write));
                continue;
            }
            bytes += own;
            slice.push_back(std::move(write));
        }
        piece = writes();
    }
    if (!slice.empty()) store_slice(std::move(slice), wait_for_rooms);
}

void group_writer::store_slice(writes slice, bool wait_for_rooms) {
    for (auto& write : store(std::move(slice), wait_for_rooms)) {
        held_rooms_.insert(write.message.room);
        held_.push_back(std::move(write));
    }
}

void group_writer::retry_held() {
    auto const now = clock::now();
    if (held_.empty() || now < retry_at_) return;
    writes again;
    std::vector<chat::finished_write> late;
    std::size_t late_bytes = 0;
    for (auto& write : held_) {
        if (now < write.given + options_.wait_timeout) {
            again.push_back(std::move(write));
            continue;
        }
        late_bytes += weight(write.message);
        late.push_back({{chat::errc::store_busy, false},
                        std::move(write.waiter),
                        write.given,
                        std::move(write.message.trace)});
    }
    held_.clear();
    held_rooms_.clear();
    finish(std::move(late), late_bytes);
    std::vector<writes> pieces;
    pieces.push_back(std::move(again));
    store_all(std::move(pieces), false);
    retry_at_ = clock::now() + lock_retry_pause;
}

group_writer::writes group_writer::store(writes slice, bool wait_for_rooms) {
    batch work;
    work.wait_for_rooms = wait_for_rooms;
    work.messages.reserve(slice.size());
    std::vector<broker::trace_ptr> traces;
    std::vector<std::size_t> weights;
    for (chat::pending_write& write : slice) {
        traces.push_back(std::move(write.message.trace));
        weights.push_back(weight(write.message));
        work.messages.push_back(std::move(write.message));
    }

    auto const begun = clock::now();
    // The first of them has waited longest.
    store_with_patience(work, slice.front().given + options_.wait_timeout);
    auto const taken = clock::now() - begun;

    writes held;
    std::vector<chat::finished_write> finished;
    finished.reserve(slice.size());
    std::size_t bytes = 0;
    auto next_held = work.held.begin();
    for (std::size_t i = 0; i != slice.size(); ++i) {
        if (next_held != work.held.end() && *next_held == i) {
            ++next_held;
            slice[i].message = std::move(work.messages[i]);
            slice[i].message.trace = std::move(traces[i]);
            held.push_back(std::move(slice[i]));
            continue;
        }
        bytes += weights[i];
        finished.push_back({std::move(work.outcomes[i]), std::move(slice[i].waiter), slice[i].given,
                            std::move(traces[i])});
    }
    if (!finished.empty()) {
        figures_.commit_seconds.observe(std::chrono::duration<double>(taken).count());
        figures_.batch_messages.observe(static_cast<double>(finished.size()));
    }
    finish(std::move(finished), bytes);
    return held;
}

void group_writer::finish(std::vector<chat::finished_write> finished, std::size_t bytes) {
    if (finished.empty()) return;
    count(finished);
    {
        std::lock_guard guard(mutex_);
        waiting_count_ -= finished.size();
        waiting_bytes_ -= bytes;
        figures_.waiting_messages.sub(static_cast<std::int64_t>(finished.size()));
        figures_.waiting_bytes.sub(static_cast<std::int64_t>(bytes));
    }
    tell(std::move(finished));
}

void group_writer::store_with_patience(batch& work, clock::time_point deadline) {
    backoff pause;
    for (int conflicts = 0;;) {
        try {
            attempt(work);
            return;
        } catch (database_error const& error) {
            if (error.kind() == failure::refused && !work.unanswered) {
                if (work.messages.size() > 1) {
                    report("batch_refused", error.what());
                    store_one_by_one(work, deadline);
                } else {
                    report("message_refused", error.what());
                    fail_all(work, error_for_chat(error.kind()));
                }
                return;
            }
            if (error.kind() == failure::lost && !std::exchange(away_, true)) {
                report("database_lost", error.what());
            }
            auto const until = clock::now() + pause.next();
            // A lock that was not to be had in time may be of a node that waits for a server which
            // has left; the next attempt may go to another server.
            bool const passes = error.kind() == failure::lost || error.kind() == failure::locked ||
                                error.kind() == failure::busy || work.unanswered;
            bool const conflict = error.kind() == failure::conflict;
            bool const again =
                until < deadline && (passes || (conflict && ++conflicts < conflict_attempts));
            if (!again) {
                report("batch_failed", error.what());
                fail_all(work, error_for_chat(error.kind()));
                return;
            }
            std::this_thread::sleep_until(until);
            tell_refused();
        }
    }
}

void group_writer::answer_probes() {
    std::vector<probe_completion> probes;
    {
        std::lock_guard guard(mutex_);
        probes.swap(probes_);
    }
    if (probes.empty()) return;
    boost::system::error_code answer;
    // The second time: a connection may have broken long before it is noticed.
    for (int attempts = 2; attempts != 0; --attempts) {
        try {
            connect();
            connection_->probe();
            answer = {};
            break;
        } catch (database_error const& error) {
            answer = error_for_chat(error.kind());
            if (error.kind() != failure::lost) break;
            if (!std::exchange(away_, true)) report("database_lost", error.what());
            if (connection_ == nullptr) break;
        }
    }
    for (auto& done : probes) done(answer);
}

void group_writer::connect() {
    if (connection_ && !connection_->usable()) connection_.reset();
    if (!connection_) {
        // Without this every batch that waits would sit out a connection's time-out of its own.
        if (clock::now() < connect_after_) throw database_error(failure::lost, "not connected");
        try {
            connection_ = connect_();
        } catch (...) {
            // Within the time that a message waits there are always a few attempts.
            auto const most = options_.wait_timeout / 4;
            connect_after_ =
                clock::now() + std::min<clock::duration>(reconnect_pause_.next(), most);
            throw;
        }
        reconnect_pause_.reset();
        figures_.connects.add();
        if (std::exchange(away_, false)) report("database_back", {});
    }
}

void group_writer::attempt(batch& work) {
    connect();
    connection_->store(work);
}

void group_writer::store_one_by_one(batch& work, clock::time_point deadline) {
    std::vector<chat::write_outcome> outcomes;
    std::unordered_set<chat::room_id> locked;
    for (std::size_t i = 0; i != work.messages.size(); ++i) {
        auto const room = work.messages[i].room;
        // Not past the first one that is held.
        if (locked.contains(room)) {
            work.held.push_back(i);
            outcomes.push_back({chat::errc::store_busy, false});
            continue;
        }
        batch single;
        single.wait_for_rooms = work.wait_for_rooms;
        single.messages.push_back(std::move(work.messages[i]));
        store_with_patience(single, deadline);
        outcomes.push_back(std::move(single.outcomes.front()));
        if (single.held.empty()) continue;
        locked.insert(room);
        work.held.push_back(i);
        work.messages[i] = std::move(single.messages.front());
    }
    work.outcomes = std::move(outcomes);
}

void group_writer::fail_all(batch& work, boost::system::error_code why) {
    work.outcomes.assign(work.messages.size(), {why, false});
    for (std::size_t i = 0; i != work.perhaps_stored.size(); ++i) {
        if (work.perhaps_stored[i]) work.outcomes[i].stored = chat::errc::store_in_doubt;
    }
}

void group_writer::count(std::vector<chat::finished_write> const& finished) {
    for (auto const& write : finished) {
        auto const& outcome = write.outcome;
        if (outcome.stored) {
            (outcome.repeated ? figures_.repeated : figures_.stored).add();
            continue;
        }
        auto const& why = outcome.stored.error();
        bool const ours = why == chat::errc::store_busy || why == chat::errc::store_unavailable ||
                          why == chat::errc::store_in_doubt;
        (ours ? figures_.failed : figures_.refused).add();
    }
}

void group_writer::tell(std::vector<chat::finished_write> finished) {
    listener_.on_batch(std::move(finished));
}

void group_writer::tell_refused() {
    std::vector<chat::finished_write> refused;
    {
        std::lock_guard guard(mutex_);
        refused.swap(refused_);
    }
    if (!refused.empty()) tell(std::move(refused));
}

void group_writer::report(std::string_view event, std::string detail) const {
    if (options_.on_event) options_.on_event({event, std::move(detail)});
}

}  // namespace persistence
