#pragma once

#include "broker/ports/authenticator.hpp"
#include "chat/ids.hpp"
#include "chat/ports/store.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <unordered_set>
#include <vector>

// Makes whoever passes the node's authenticator known as a user of the chat, so that others can
// send them direct messages before they have said a word.
//
// The first time that this node sees a user the answer waits for the commit; while one is under way
// the others gather for the next, so that a storm of new users costs few transactions.
//
// A store that cannot write keeps nobody out: once it has failed nobody waits for it until it has
// written again. Each who comes meanwhile has it tried, if no other try is under way, for all who
// came before, too; and so has whoever says that the store works. Any thread.

namespace chat {

class seen_users final : public broker::authenticator {
public:
    // Both outlive us.
    seen_users(broker::authenticator& credentials, store& where)
        : credentials_(credentials), store_(where) {}

    void authenticate(broker::credentials const& offered, broker::executor& home,
                      broker::unique_function<void(broker::auth_outcome)> done) override;

    // Somebody has heard that the store works: those who came in vain are written. Cheap when there
    // are none.
    void store_works();

    // For so long the first ones wait for a store that is away. A client that has not heard within
    // ten seconds is gone.
    static constexpr std::chrono::milliseconds patience{3'000};
    // How many users are remembered as known; beyond it the memory begins anew. As many may wait
    // to be written.
    static constexpr std::size_t memory = 200'000;

private:
    struct newcomers {
        std::unordered_set<user_id> users;
        std::vector<broker::unique_function<void()>> waiting;  // for those to be known
    };

    bool is_known(user_id user);
    void make_known(user_id user, broker::unique_function<void()> answer);
    void write(newcomers batch);
    void written(newcomers batch);
    void not_written(newcomers batch);

    broker::authenticator& credentials_;
    store& store_;

    // Held for moments only, and only while somebody connects.
    std::mutex mutex_;
    std::unordered_set<user_id> known_;
    newcomers gathered_;  // for the next write
    bool writing_ = false;
    std::atomic<bool> in_vain_ = false;  // the last write failed; set under the mutex
};

}  // namespace chat
