#include "broker/auth/passcode_hash.hpp"

#include <argon2.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace broker::auth {
namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;

constexpr std::uint32_t max_memory_kib = 1024 * 1024;
constexpr std::uint32_t max_passes = 16;
constexpr std::uint32_t max_lanes = 16;

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

bool take_number(std::string_view& text, std::uint32_t& out) {
    auto const* end = text.data() + text.size();
    auto const [rest, error] = std::from_chars(text.data(), end, out);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return true;
}

// Salt or hash, in base64 without padding.
bool is_encoded(std::string_view text) {
    return text.size() >= 11 && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '+' || c == '/';
           });
}

}  // namespace

std::string hash_passcode(std::string_view passcode, argon2_cost cost) {
    std::array<unsigned char, salt_bytes> salt{};
    if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) {
        throw std::runtime_error("no randomness for the salt of a passcode");
    }
    std::string encoded(argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, salt_bytes,
                                          hash_bytes, Argon2_id),
                        '\0');
    int const code = argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes,
                                           passcode.data(), passcode.size(), salt.data(),
                                           salt.size(), hash_bytes, encoded.data(), encoded.size());
    if (code != ARGON2_OK) {
        throw std::runtime_error(std::string("hashing a passcode: ") + argon2_error_message(code));
    }
    encoded.resize(encoded.find('\0'));
    return encoded;
}

bool passcode_fits(std::string_view passcode, std::string const& hash) {
    return argon2id_verify(hash.c_str(), passcode.data(), passcode.size()) == ARGON2_OK;
}

std::optional<argon2_cost> cost_of(std::string_view hash) {
    argon2_cost cost;
    bool const head = take(hash, "$argon2id$v=19$m=") && take_number(hash, cost.memory_kib) &&
                      take(hash, ",t=") && take_number(hash, cost.passes) && take(hash, ",p=") &&
                      take_number(hash, cost.lanes) && take(hash, "$");
    if (!head) return std::nullopt;
    auto const dollar = hash.find('$');
    if (dollar == std::string_view::npos || !is_encoded(hash.substr(0, dollar)) ||
        !is_encoded(hash.substr(dollar + 1))) {
        return std::nullopt;
    }
    bool const sane = cost.lanes >= 1 && cost.lanes <= max_lanes && cost.passes >= 1 &&
                      cost.passes <= max_passes && cost.memory_kib >= 8 * cost.lanes &&
                      cost.memory_kib <= max_memory_kib;
    if (!sane) return std::nullopt;
    return cost;
}

}  // namespace broker::auth
