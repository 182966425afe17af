#pragma once

#include "broker/ports/clock.hpp"
#include "broker/principal.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <deque>
#include <string_view>
#include <unordered_map>

// Passcodes that were found right a short while ago, so that a thousand sessions of one account do
// not cost a thousand slow checks.
//
// It holds neither logins nor passcodes but a digest of both under a key that this process drew at
// start and tells nobody. Whoever reads the memory could try passcodes against a digest faster than
// against argon2, but has the key and the digests only while the process lives, and sees the
// passcodes of new sessions go by anyway. Only what was right is kept, so asking again tells
// nobody anything new: a fast answer means "right", which the answer says itself.
//
// Not safe from several threads: the owner locks.

namespace broker::auth {

using passcode_digest = std::array<unsigned char, 32>;

// HMAC-SHA256 of login and passcode.
class passcode_digester {
public:
    // Throws std::runtime_error when there is no randomness.
    passcode_digester();
    passcode_digest operator()(std::string_view login, std::string_view passcode) const;

private:
    std::array<unsigned char, 32> key_{};
};

struct passcode_digest_hash {
    // Nobody outside knows the key, so nobody can aim for a bucket.
    std::size_t operator()(passcode_digest const& digest) const noexcept {
        std::size_t value = 0;
        std::memcpy(&value, digest.data(), sizeof value);
        return value;
    }
};

class passcode_cache {
public:
    passcode_cache(std::chrono::milliseconds ttl, std::size_t max_entries)
        : ttl_(ttl), max_entries_(max_entries) {}

    void add(passcode_digest const& digest, principal_ptr who, steady_time now);
    // Null if it is not there, or was added longer ago than the time to live.
    principal_ptr find(passcode_digest const& digest, steady_time now);

    std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry {
        principal_ptr who;
        steady_time expires;
    };
    void drop_oldest();
    void drop_expired(steady_time now);

    std::chrono::milliseconds ttl_;
    std::size_t max_entries_;
    std::unordered_map<passcode_digest, entry, passcode_digest_hash> entries_;
    std::deque<passcode_digest> by_age_;  // the oldest first; each entry once
};

}  // namespace broker::auth
