#pragma once

#include "broker/auth/auth_options.hpp"
#include "broker/auth/passcode_cache.hpp"
#include "broker/ports/authenticator.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

// Checks logins against the accounts on threads of its own, a bounded number at a time.
//
// An unknown login costs the same time and gets the same answer as a wrong passcode. Equal checks
// that wait together are made once. From any thread. What still waits when the checker is
// destroyed is dropped without an answer; the executors must still exist then.

namespace broker::auth {

// Throws std::invalid_argument, with the login, for an account whose hash or login cannot be used.
void check_accounts(std::vector<account> const& accounts);

class passcode_checker {
public:
    // Throws what check_accounts() does.
    passcode_checker(std::vector<account> const& accounts, passcode_options options);
    ~passcode_checker();
    passcode_checker(passcode_checker const&) = delete;
    passcode_checker& operator=(passcode_checker const&) = delete;

    bool has_account(std::string_view login) const;

    // Calls `done` exactly once on `home`; at once when the answer is known already.
    void check(std::string_view login, std::string_view passcode, executor& home,
               unique_function<void(auth_outcome)> done);

    static auth_refusal bad_credentials();

private:
    struct entry {
        std::string passcode_hash;
        principal_ptr who;
    };
    struct waiter {
        executor* home;
        unique_function<void(auth_outcome)> done;
    };
    struct job {
        std::string login;
        std::string passcode;
        std::vector<waiter> waiters;
    };

    void work();
    auth_outcome verify(job const& what) const;

    passcode_options options_;
    passcode_digester digester_;
    std::unordered_map<std::string, entry> accounts_;
    // As many as accounts, of the same costs, which nothing fits.
    std::vector<std::string> decoys_;

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    passcode_cache cache_;
    std::unordered_map<passcode_digest, job, passcode_digest_hash> jobs_;  // waiting or being made
    std::deque<passcode_digest> queue_;                                    // waiting
    std::vector<std::thread> workers_;
};

}  // namespace broker::auth
