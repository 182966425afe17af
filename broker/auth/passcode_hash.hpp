#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Hashes of passcodes: argon2id in its usual encoded form, "$argon2id$v=19$m=…,t=…,p=…$salt$hash".
// Slow and hungry by design; never on a shard.

namespace broker::auth {

struct argon2_cost {
    std::uint32_t memory_kib = 19 * 1024;
    std::uint32_t passes = 2;
    std::uint32_t lanes = 1;

    friend bool operator==(argon2_cost const&, argon2_cost const&) = default;
};

inline constexpr std::size_t max_passcode_bytes = 1024;

// With a fresh random salt. Throws std::runtime_error when there is no memory or no randomness.
std::string hash_passcode(std::string_view passcode, argon2_cost cost = {});

// Takes the time that the hash's cost says whether it fits or not. False also for a hash that is
// not well-formed, or for a want of memory.
bool passcode_fits(std::string_view passcode, std::string const& hash);

// What a well-formed hash costs to check; nothing for any other text, or one that asks for more
// than 1 GiB, 16 passes or 16 lanes.
std::optional<argon2_cost> cost_of(std::string_view hash);

}  // namespace broker::auth
