#pragma once

#include "stomp/version.hpp"

#include <string>
#include <string_view>

// Escaping of header names and values (STOMP 1.2, "Value Encoding").
//
//   1.0  nothing
//   1.1  \n \c \\            (\r is undefined)
//   1.2  \n \c \\ \r
// CONNECT, STOMP and CONNECTED are never escaped; whoever calls these functions knows the command.

namespace stomp {

// True if a backslash in `text` begins no escape that `v` defines. Always false in 1.0.
bool has_undefined_escape(std::string_view text, version v) noexcept;

// Rewrites `size` bytes at `text` without their escapes and returns the new, not longer text.
// There must be no undefined escape.
std::string_view unescape_in_place(char* text, std::size_t size, version v) noexcept;

// True if `value` cannot be written as it is in a header of version `v`.
bool needs_escaping(std::string_view value, version v) noexcept;

// Appends `value` as a header of version `v` spells it. What the version cannot spell and what
// would end the header or the frame becomes a space: NUL in every version, LF in 1.0.
void append_escaped(std::string& out, std::string_view value, version v);

// For CONNECT, STOMP and CONNECTED: as it is, but LF, CR and NUL become spaces.
void append_unescaped(std::string& out, std::string_view value);

}  // namespace stomp
