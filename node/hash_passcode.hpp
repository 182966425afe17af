#pragma once

#include <optional>
#include <string>

namespace node {

// Reads a passcode from the first line of standard input and answers its hash for
// [[auth.accounts]]; nothing, and says why, when there was none.
std::optional<std::string> hash_passcode();

}  // namespace node
