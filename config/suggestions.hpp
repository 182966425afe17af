#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

// "Did you mean …?"

namespace config {

// The candidate nearest to `word`, if one is near enough to be what was meant: about one wrong,
// missing, additional or swapped letter in four.
std::optional<std::string> nearest(std::string_view word, std::span<std::string const> candidates);

}  // namespace config
