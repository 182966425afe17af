#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

// What is different in a configuration that was read again.

namespace config {

// Keys as "auth.accounts[1].roles"; an array that has more or fewer elements by its own name. Only
// keys that somebody may have written: what follows from another key is not named beside it.
struct changes {
    std::vector<std::string> in_use;          // may be taken up while the node runs
    std::vector<std::string> need_a_restart;  // may not
};

// What auth.mode says decides what every session is worth, and which topics are open: it is for the
// next start, and nothing else of `auth` is taken up without it.
changes compare(settings const& before, settings const& after);

// `before` with all that may be taken up from `after`: what a node goes by from then on.
settings with_changes(settings before, settings const& after);

}  // namespace config
