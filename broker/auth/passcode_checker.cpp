#include "broker/auth/passcode_checker.hpp"

#include "broker/auth/login_name.hpp"
#include "broker/auth/passcode_hash.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <unordered_set>
#include <utility>

namespace broker::auth {
namespace {

// A well-formed hash of the same cost whose salt and tag are noise.
std::string decoy_of(argon2_cost cost) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<unsigned char, 64> noise{};
    if (RAND_bytes(noise.data(), static_cast<int>(noise.size())) != 1) {
        throw std::runtime_error("no randomness for the passcode checks");
    }
    std::string text;
    for (auto byte : noise) text += alphabet[byte % alphabet.size()];
    // The last character of each carries unused bits, which must be zero.
    return fmt::format("$argon2id$v=19$m={},t={},p={}${}A${}A", cost.memory_kib, cost.passes,
                       cost.lanes, text.substr(0, 21), text.substr(21, 42));
}

}  // namespace

void check_accounts(std::vector<account> const& accounts) {
    std::unordered_set<std::string_view> logins;
    for (auto const& one : accounts) {
        if (!is_login_name(one.login) || !logins.insert(one.login).second) {
            throw std::invalid_argument("account '" + one.login +
                                        "': the login must be unique, not empty, and without "
                                        "control characters");
        }
        if (!cost_of(one.passcode_hash)) {
            throw std::invalid_argument("account '" + one.login +
                                        "': passcode_hash is not an argon2id hash that can be "
                                        "checked; stampede --hash-passcode makes one");
        }
    }
}

passcode_checker::passcode_checker(std::vector<account> const& accounts, passcode_options options)
    : options_(options), cache_(options.cache_ttl, options.cache_entries) {
    check_accounts(accounts);
    for (auto const& one : accounts) {
        auto who = std::make_shared<principal>();
        who->name = one.login;
        who->user_id = one.user_id;
        who->roles = one.roles;
        accounts_.try_emplace(one.login, entry{one.passcode_hash, who});
        decoys_.push_back(decoy_of(*cost_of(one.passcode_hash)));
    }
    if (accounts_.empty()) return;
    for (std::size_t i = 0; i < options_.workers; ++i) {
        workers_.emplace_back([this] { work(); });
    }
}

passcode_checker::~passcode_checker() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
}

auth_refusal passcode_checker::bad_credentials() {
    return {"bad_credentials", "The login or the passcode is wrong."};
}

bool passcode_checker::has_account(std::string_view login) const {
    return accounts_.contains(std::string(login));
}

void passcode_checker::check(std::string_view login, std::string_view passcode, executor& home,
                             unique_function<void(auth_outcome)> done) {
    if (accounts_.empty() || passcode.size() > max_passcode_bytes ||
        login.size() > max_passcode_bytes) {
        return done(bad_credentials());
    }
    auto const digest = digester_(login, passcode);
    principal_ptr known;
    bool full = false;
    {
        std::lock_guard lock(mutex_);
        known = cache_.find(digest, std::chrono::steady_clock::now());
        if (!known) {
            auto same = jobs_.find(digest);
            full = same == jobs_.end() && queue_.size() >= options_.max_waiting;
            if (!full) {
                if (same == jobs_.end()) {
                    same = jobs_.try_emplace(digest).first;
                    same->second.login = login;
                    same->second.passcode = passcode;
                    queue_.push_back(digest);
                    wake_.notify_one();
                }
                same->second.waiters.push_back({&home, std::move(done)});
                return;
            }
        }
    }
    if (full) {
        return done(auth_refusal{"too_many_logins",
                                 "Too many logins wait to be checked. Try again in a moment.",
                                 std::chrono::seconds(1)});
    }
    done(std::move(known));
}

auth_outcome passcode_checker::verify(job const& what) const {
    auto const found = accounts_.find(what.login);
    if (found == accounts_.end()) {
        // The same decoy for a login each time, or its changing cost would give the login away.
        auto const digest = digester_(what.login, "");
        auto const choice = passcode_digest_hash{}(digest) % decoys_.size();
        passcode_fits(what.passcode, decoys_[choice]);
        return bad_credentials();
    }
    if (!passcode_fits(what.passcode, found->second.passcode_hash)) return bad_credentials();
    return found->second.who;
}

void passcode_checker::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        auto const digest = queue_.front();
        queue_.pop_front();
        job& current = jobs_.at(digest);  // stays where it is: the map's nodes do not move

        lock.unlock();
        auto outcome = verify(current);
        lock.lock();

        if (stopping_) return;
        auto finished = std::move(jobs_.extract(digest).mapped());
        if (auto const* who = std::get_if<principal_ptr>(&outcome)) {
            cache_.add(digest, *who, std::chrono::steady_clock::now());
        }
        lock.unlock();
        OPENSSL_cleanse(finished.passcode.data(), finished.passcode.size());
        for (auto& one : finished.waiters) {
            one.home->post(
                [done = std::move(one.done), outcome]() mutable { done(std::move(outcome)); });
        }
        lock.lock();
    }
}

}  // namespace broker::auth
