#pragma once

#include "broker/auth/jwt/verification_key.hpp"

#include <boost/system/result.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The keys that tokens may be signed with. Immutable once shared.

namespace broker::auth {

using key_set = std::vector<verification_key>;
using key_set_ptr = std::shared_ptr<key_set const>;

inline constexpr std::size_t max_keys = 100;
inline constexpr std::size_t max_key_set_bytes = 256 * 1024;

// Reads a JSON Web Key Set (RFC 7517 §5). Keys for other purposes or of other kinds are passed
// over, secrets among them: a set that is fetched is public. Nothing if it is no key set, or holds
// no key that can be used.
std::optional<key_set> parse_key_set(std::string_view json);

}  // namespace broker::auth
