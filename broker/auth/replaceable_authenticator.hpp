#pragma once

#include "broker/auth/node_authenticator.hpp"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

// The node's authenticator, whose accounts and keys may be exchanged while it works: who is being
// checked is checked by the old one, who comes later by the new one. Sessions that were accepted
// stay.
//
// From any thread; replace() and the destructor from one. Destroyed as a node_authenticator is.

namespace broker::auth {

class replaceable_authenticator final : public authenticator {
public:
    // Throws as node_authenticator does.
    explicit replaceable_authenticator(auth_options options);
    ~replaceable_authenticator() override;

    void authenticate(credentials const& offered, executor& home,
                      unique_function<void(auth_outcome)> done) override;

    // Throws as the constructor does, and then nothing has changed. The old one goes when it has
    // answered everybody. What it fetched from a place that stays the same is kept: the place may
    // be out of reach just now.
    void replace(auth_options options);

private:
    struct generation {
        explicit generation(auth_options options, node_authenticator const* before = nullptr)
            : check(std::move(options), before) {}
        node_authenticator check;
        std::size_t unanswered = 0;  // guarded by mutex_
    };

    void answered(generation& by);
    void retire_those_who_are_done();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::unique_ptr<generation> current_;
    std::vector<std::unique_ptr<generation>> retired_;
    bool stopping_ = false;
    std::thread retiring_;  // from the first replace() on
};

}  // namespace broker::auth
