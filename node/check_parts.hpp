#pragma once

#include "config/problem.hpp"
#include "config/settings.hpp"

// What the text of a configuration does not show: whether the keys, certificates and rules that it
// names can be used by the parts that use them.

namespace node {

// Starts nothing and opens no port. Empty when all is well.
config::problems wrong_in_parts(config::settings const& from);

}  // namespace node
