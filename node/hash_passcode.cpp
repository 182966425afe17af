#include "node/hash_passcode.hpp"

#include "broker/auth/passcode_hash.hpp"

#include <cstdio>
#include <iostream>
#include <string>

namespace node {

std::optional<std::string> hash_passcode() {
    std::string passcode;
    if (!std::getline(std::cin, passcode) || passcode.empty()) {
        std::fputs(
            "stampede: --hash-passcode reads a passcode from standard input; there was none\n",
            stderr);
        return std::nullopt;
    }
    return broker::auth::hash_passcode(passcode);
}

}  // namespace node
