#pragma once

namespace node {

// Reads a passcode from the first line of standard input and prints the hash for [[auth.accounts]].
// Answers the program's exit code.
int hash_passcode();

}  // namespace node
