#pragma once

#include <string_view>

// The parts of fuzz_config: what each checks stands in its file. Each ends the program when a
// property does not hold.

namespace fuzz {

// The file, and behind its NUL the environment's variables, with a NUL between them.
void check_settings(std::string_view sources);

// A duration, a size, a rate, an address to listen at.
void check_units(std::string_view text);

// Addresses of Redis and of Eureka.
void check_server_addresses(std::string_view text);

}  // namespace fuzz
