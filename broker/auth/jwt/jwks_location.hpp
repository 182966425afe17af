#pragma once

#include <string>

// Where a key set is: a path, or an http or https address.

namespace broker::auth {

bool is_address(std::string const& location);

// Throws std::invalid_argument, whose text does not repeat it, for an address that nothing can be
// fetched from.
void check_address(std::string const& location);

// Without what may be a secret: of an address, the user, the password, the query and the fragment.
// From an address that cannot be read rather too much is left out than too little.
std::string fit_for_a_log(std::string const& location);

}  // namespace broker::auth
