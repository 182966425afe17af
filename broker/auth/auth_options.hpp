#pragma once

#include "broker/ports/clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the authenticator is told at start. Plain values.

namespace broker::auth {

struct account {
    std::string login{};
    std::string passcode_hash{};  // "$argon2id$v=19$…"
    std::optional<std::uint64_t> user_id{};
    std::vector<std::string> roles{};
};

struct passcode_options {
    std::size_t workers = 2;         // threads; each check takes the memory that the hash names
    std::size_t max_waiting = 1000;  // different checks in their queue, above it: too_many_logins
    std::chrono::milliseconds cache_ttl{60'000};  // 0: every login is checked
    std::size_t cache_entries = 10'000;
};

enum class jwt_algorithm : std::uint8_t { hs256, rs256, es256 };

struct jwt_options {
    std::vector<jwt_algorithm> algorithms{};  // the only ones that are accepted
    std::string secret{};                     // HS256
    std::string public_key_pem{};             // RS256 or ES256: a public key or a certificate
    std::string jwks_location{};              // a path, or an http or https address; empty: none
    std::chrono::milliseconds jwks_refresh{10 * 60'000};
    // The shortest time between two fetches that tokens with unknown keys may cause.
    std::chrono::milliseconds jwks_min_gap{30'000};
    std::chrono::milliseconds jwks_timeout{5'000};

    std::string issuer{};                 // empty: any
    std::vector<std::string> audience{};  // one of them must be in the token's; empty: any
    std::chrono::milliseconds leeway{30'000};
    std::string user_id_claim = "userId";
    std::string roles_claim = "roles";
};

// For logs; the detail holds no secret. Called on the authenticator's threads.
struct auth_event {
    std::string_view name{};  // "jwks_loaded", "jwks_failed"
    std::string detail{};
};

struct auth_options {
    // Open mode: who brings nothing that can be checked is believed.
    bool open = false;
    std::vector<account> accounts{};
    passcode_options passcodes{};
    std::optional<jwt_options> jwt{};
    std::function<void(auth_event const&)> on_event{};
    std::function<wall_time()> now = [] { return std::chrono::system_clock::now(); };
};

}  // namespace broker::auth
