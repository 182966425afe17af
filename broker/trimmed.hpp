#pragma once

#include <string_view>

// A text without the blanks around it.

namespace broker {

inline constexpr std::string_view spaces_and_tabs = " \t";

constexpr std::string_view trimmed(std::string_view text,
                                   std::string_view blanks = spaces_and_tabs) noexcept {
    auto const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace broker
