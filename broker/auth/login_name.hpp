#pragma once

#include "stomp/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

// What may be the name of a principal, wherever it comes from.

namespace broker::auth {

inline constexpr std::size_t max_login_bytes = 255;

// 1 to 255 bytes of UTF-8 without control characters: names appear in destinations, headers and
// logs.
inline bool is_login_name(std::string_view text) {
    return !text.empty() && text.size() <= max_login_bytes && stomp::is_valid_utf8(text) &&
           std::ranges::none_of(text, [](char c) {
               auto const octet = static_cast<unsigned char>(c);
               return octet < 0x20 || octet == 0x7F;
           });
}

}  // namespace broker::auth
