#pragma once

#include "broker/auth/auth_options.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// A JSON Web Token taken apart (RFC 7515 compact form, RFC 7519), in two steps: the claims of a
// token are not looked at before its signature was found good. Pure; any thread.

namespace broker::auth {

inline constexpr std::size_t max_token_bytes = 16 * 1024;

// Why a text is no token that this node reads. A sentence for the client; no secret is in it.
struct token_error {
    std::string reason;
};

struct token_head {
    jwt_algorithm algorithm{};
    std::optional<std::string> key_id;
    std::string_view signed_part;  // into the token: header.payload
    std::string_view payload;      // into the token: base64url
    std::string signature;         // decoded
};

struct token_claims {
    std::string subject;
    std::optional<std::string> issuer;
    std::vector<std::string> audience;
    // Seconds since 1970, cut to whole ones.
    std::int64_t expires = 0;
    std::optional<std::int64_t> not_before;
    std::optional<std::uint64_t> user_id;
    std::vector<std::string> roles;
};

// Whether it has the form of a token: three parts of base64url, the first a JSON object's. Cheap.
bool looks_like_token(std::string_view text) noexcept;

// Splits it and reads the header. Refuses `alg` values other than the three, `none` above all,
// extensions that it does not know (`crit`), and a header that says something twice.
std::variant<token_head, token_error> read_token_head(std::string_view token);

// Reads the claims of a token whose signature was found good. `exp` and a `sub` of 1 to 255 bytes
// without control characters are required; what has the wrong type is refused.
std::variant<token_claims, token_error> read_token_claims(std::string_view payload,
                                                          std::string_view user_id_claim,
                                                          std::string_view roles_claim);

// A whole number from 1 on as people write it: digits, no zero in front. Nothing for other texts.
std::optional<std::uint64_t> user_id_in(std::string_view text) noexcept;

}  // namespace broker::auth
