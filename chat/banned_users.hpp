#pragma once

#include "broker/ports/authenticator.hpp"
#include "broker/ports/ban_list.hpp"
#include "chat/ports/store.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

// Who is banned, as this node knows it: read from the store before the node serves, whenever
// somebody says that there is something new, and every `reread` in case nobody did. While the store
// is away the last set stays.
//
// An authenticator, too: what it is given to check, it refuses for whoever is banned. Any thread.

namespace chat {

class banned_users final : public broker::ban_list, public broker::authenticator {
public:
    // What was not said comes to be known this much later, and the time of a query.
    static constexpr std::chrono::seconds reread{10};

    // `checked` and the store outlive us. `on_banned` is told who is banned since the last time;
    // any thread.
    banned_users(broker::authenticator& checked, store& where,
                 std::function<void(std::vector<std::string> const& users)> on_banned);
    ~banned_users() override;

    // Reads the store for the first time, waits for it, and begins to read it again and again.
    // Before the node serves.
    void start();
    // Nothing is read any more.
    void stop();

    // Soon; `done` is called when what the store held at this moment counts, or could not be read.
    void read_now(broker::unique_function<void()> done);

    bool is_banned(broker::principal const& who) const override;

    void authenticate(broker::credentials const& offered, broker::executor& home,
                      broker::unique_function<void(broker::auth_outcome)> done) override;

private:
    void run();
    void read();
    void take(std::vector<ban> const& found);

    broker::authenticator& checked_;
    store& store_;
    std::function<void(std::vector<std::string> const&)> const on_banned_;

    mutable std::shared_mutex set_mutex_;  // held for a look or a swap; not on the way of messages
    std::set<std::string, std::less<>> banned_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<broker::unique_function<void()>> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace chat
