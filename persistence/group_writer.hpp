#pragma once

#include "chat/ports/message_writer.hpp"
#include "persistence/backoff.hpp"
#include "persistence/batch_connection.hpp"
#include "persistence/storage.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

// The message writer: one thread that stores whatever waits in one transaction, then tells the
// listener, and so on.
//
// A lost connection is made anew while the messages wait, each for wait_timeout at most. A batch
// whose commit was not answered is looked for on the new connection and stored again only if it is
// not there. When that takes longer than wait_timeout, its messages get store_in_doubt, and a
// client's retry with the same idempotency key finds out. So does a retry whose first message is
// found, but whose transaction cannot be ended. Nothing else gets store_in_doubt.
//
// Messages for a room that somebody else keeps locked are held, with those that come for it later,
// and tried again for wait_timeout, each; the others do not wait for them.

namespace persistence {

class group_writer final : public chat::message_writer {
public:
    using connector = std::function<std::unique_ptr<batch_connection>()>;

    // The listener and the figures outlive us.
    group_writer(storage_options const& options, connector connect, chat::batch_listener& listener,
                 storage_figures& figures);
    ~group_writer() override;

    void append(chat::pending_write write) override;
    void append_all(std::vector<chat::pending_write> writes) override;
    void probe(broker::unique_function<void(boost::system::error_code)> done) override;

private:
    using clock = std::chrono::steady_clock;
    using probe_completion = broker::unique_function<void(boost::system::error_code)>;
    using writes = std::vector<chat::pending_write>;

    // False: it is refused. `unstorable`: looked for before the lock was taken.
    bool admit(chat::pending_write& write, bool unstorable);
    void serve();
    // Waits for work. False when there will be none any more.
    bool gather();
    // Slice by slice, in this order; what is held goes to the end of held_.
    void store_all(std::vector<writes> pieces, bool wait_for_rooms);
    void store_slice(writes slice, bool wait_for_rooms);
    // Tries those again whose rooms were locked.
    void retry_held();
    // Tells whoever waits for them, but for those whose rooms are locked: they are given back.
    writes store(writes slice, bool wait_for_rooms);
    void finish(std::vector<chat::finished_write> finished, std::size_t bytes);
    void store_with_patience(batch& work, clock::time_point deadline);
    void attempt(batch& work);
    void connect();
    void answer_probes();
    // A statement was refused: finds the message that is at fault.
    void store_one_by_one(batch& work, clock::time_point deadline);
    static void fail_all(batch& work, boost::system::error_code why);
    void tell(std::vector<chat::finished_write> finished);
    void tell_refused();
    void count(std::vector<chat::finished_write> const& finished);
    void report(std::string_view event, std::string detail) const;

    storage_options const options_;
    connector const connect_;
    chat::batch_listener& listener_;
    storage_figures& figures_;

    std::mutex mutex_;
    std::condition_variable changed_;
    // In the pieces in which they came: moving each into one long row would cost whoever brings
    // them more than everything else here.
    std::vector<writes> incoming_;
    std::vector<chat::finished_write> refused_;
    std::vector<probe_completion> probes_;
    bool stopping_ = false;
    bool asleep_ = false;
    // Of everything that waits, what the thread has gathered included.
    std::size_t waiting_count_ = 0;
    std::size_t waiting_bytes_ = 0;

    // Of the thread.
    std::vector<writes> gathered_;
    // Messages of rooms that others have locked, and what came for these rooms since, in the order
    // of coming.
    writes held_;
    std::unordered_set<chat::room_id> held_rooms_;
    clock::time_point retry_at_{};
    std::unique_ptr<batch_connection> connection_;
    backoff reconnect_pause_;
    clock::time_point connect_after_{};
    bool away_ = false;  // the database, as last reported
    std::thread thread_;
};

}  // namespace persistence
