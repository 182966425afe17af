#pragma once

#include "config/problem.hpp"
#include "config/settings.hpp"

#include <map>
#include <string>

// The checks that look at more than one value, or at the form of a text.

namespace config {

// Where each value was written, by its concrete path ("listeners[0].address"). Defaults are not in
// it.
using places = std::map<std::string, std::string, std::less<>>;

void validate(settings const& all, places const& where, problems& wrong);

}  // namespace config
