#pragma once

#include "broker/ports/clock.hpp"
#include "broker/ports/executor.hpp"
#include "broker/ports/user_inbox.hpp"
#include "broker/routing/fan_out.hpp"
#include "broker/routing/subscription.hpp"
#include "broker/unique_function.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// The subscriptions to inboxes that are being brought up to date: what the store still owes their
// user comes first and in order, what the bus brings meanwhile is held, and what came from the
// store is not delivered again when the bus brings it late.
//
// Afterwards a subscription is not kept here, and a live message costs one flag to look at. One per
// shard; on its thread only.

namespace broker::routing {

class inbox_feeds {
public:
    using opened = unique_function<void()>;

    // `store` and `home` outlive us.
    inbox_feeds(user_inbox& store, executor& home);
    ~inbox_feeds();
    inbox_feeds(inbox_feeds const&) = delete;
    inbox_feeds& operator=(inbox_feeds const&) = delete;

    std::string_view queue() const { return store_.queue(); }

    // `who` is in the tables: every message from now on comes to deliver() and is held.
    void enter(std::string_view user, subscription& who);
    // Every node knows of `who`: now the store may be asked. `done` is called when the subscription
    // is up to date, or when the store cannot be asked now: it is then asked again later.
    void open(subscription const& who, opened done);
    // At any time; also for one that is not kept here.
    void close(subscription const& who);

    // A message for `who`, which is behind the gate (subscription::gated). Answers whether its user
    // has it now.
    bool deliver(subscription& who, fan_out& out);

    void delivered(std::string_view user, message const& what) { store_.delivered(user, what); }

    // Looks again for a live subscription, in its turn: not all of them ask the store at once.
    void look_again(std::string_view user, subscription& who);

    // Asks the store who of `users` is owed something, page by page, and calls `found` for those;
    // `found` may look_again(). One round at a time: while one is under way nothing is begun.
    using owed = std::function<void(std::string_view user)>;
    void sweep(std::vector<std::string> users, owed found);
    bool sweeping() const noexcept { return !to_sweep_.empty(); }

    // A few times a second.
    void on_time(steady_time now);

    std::size_t size() const noexcept { return feeds_.size(); }

    static constexpr std::size_t page = 200;
    static constexpr std::size_t sweep_page = 500;       // users in one question
    static constexpr std::size_t questions_at_once = 8;  // of look_again
    static constexpr std::size_t most_held = 4096;
    static constexpr std::size_t replay_queue_bytes = 256 * 1024;
    static constexpr std::chrono::seconds retry_after{1};
    // How late the bus may bring what the store gave already. While sweeps follow each other
    // faster, the bus is away, and the time has not begun.
    static constexpr std::chrono::seconds remembered{30};
    static constexpr std::chrono::seconds sweeps_are_frequent{10};

    void watch_with(delivery_watch* who) noexcept { watch_ = who; }

private:
    struct feed;

    feed* find(std::uint64_t serial);
    feed& make(std::string_view user, subscription& who);
    void ask(feed& which);
    void on_page(std::uint64_t serial, inbox_outcome outcome);
    void replay(feed& which, inbox_page const& what);
    void give(feed& which, message_ptr const& what);
    void release(feed& which);
    void settle(feed& which);
    void ask_next_waiting();
    void ask_next_page();
    void on_owed(owed_users_outcome outcome);
    void note_sweep(steady_time now);

    user_inbox& store_;
    executor& home_;
    std::unordered_map<std::uint64_t, std::unique_ptr<feed>>
        feeds_;                          // by the subscription's serial
    std::deque<std::uint64_t> waiting_;  // those of look_again, until their turn
    std::size_t asked_again_ = 0;        // questions of look_again that are under way
    std::vector<std::string> to_sweep_;  // from the back
    std::size_t asked_page_ = 0;         // of to_sweep_: the users of the question under way
    owed found_;
    bool swept_ = false;  // since on_time()
    bool sweeps_follow_ = false;
    steady_time last_sweep_{};
    std::shared_ptr<bool> alive_;  // completions that come after us find it false
    delivery_watch* watch_ = nullptr;
};

}  // namespace broker::routing
