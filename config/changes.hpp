#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

// What is different in a configuration that was read again.

namespace config {

// Keys as "auth.accounts[1].roles"; an array that has more or fewer elements by its own name.
struct changes {
    std::vector<std::string> in_use;          // may be taken up while the node runs
    std::vector<std::string> need_a_restart;  // may not
};

changes compare(settings const& before, settings const& after);

// `before` with all that may be taken up from `after`: what a node goes by from then on.
settings with_changes(settings before, settings const& after);

}  // namespace config
