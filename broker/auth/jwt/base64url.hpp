#pragma once

#include <optional>
#include <string>
#include <string_view>

// Base64 as JOSE uses it (RFC 7515 §2) and as HTTP's Basic scheme does. Strict: what could be
// written in two ways is accepted in one only.

namespace broker::auth {

// Without padding, without line breaks, unused bits zero. Nothing for anything else.
std::optional<std::string> decode_base64url(std::string_view text);

// The ordinary alphabet, padded to a multiple of four.
std::optional<std::string> decode_base64(std::string_view text);

std::string encode_base64url(std::string_view bytes);

}  // namespace broker::auth
