#pragma once

#include <string>
#include <string_view>

// UTF-8 at the border between bytes and JSON text.

namespace broker::transport::sockjs {

bool is_utf8(std::string_view bytes) noexcept;

// `bytes` with U+FFFD in place of every byte that belongs to no well-formed sequence.
std::string replace_invalid_utf8(std::string_view bytes);

// The longest prefix of at most `limit` bytes that does not cut a character.
std::string_view utf8_prefix(std::string_view text, std::size_t limit) noexcept;

}  // namespace broker::transport::sockjs
