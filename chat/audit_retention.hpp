#pragma once

#include "chat/ports/store.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>

// Deletes the audit log's entries when they are old enough: at the start and then once an hour. The
// only thing of this program that takes anything out of the log. Any number of nodes may do so at
// once. A thread of its own, which mostly sleeps.

namespace chat {

class audit_retention {
public:
    // `where` outlives us. Entries older than `keep` go; `forgotten(how many)` is called on a
    // database thread when any went.
    audit_retention(store& where, std::chrono::milliseconds keep,
                    std::function<void(std::size_t)> forgotten);
    ~audit_retention();
    audit_retention(audit_retention const&) = delete;
    audit_retention& operator=(audit_retention const&) = delete;

    static constexpr std::chrono::hours look_every{1};
    static constexpr std::size_t entries_per_transaction = 1000;

private:
    void run();
    // One transaction; whether there may be more. False when the store cannot: the next hour will.
    bool forget_some();

    store& store_;
    std::chrono::milliseconds const keep_;
    std::function<void(std::size_t)> const forgotten_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace chat
