#pragma once

#include <string_view>

// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.

namespace stomp {

bool is_valid_utf8(std::string_view text) noexcept;

}  // namespace stomp
