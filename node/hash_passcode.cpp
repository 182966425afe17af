#include "node/hash_passcode.hpp"

#include "broker/auth/passcode_hash.hpp"

#include <cstdio>
#include <iostream>
#include <string>

namespace node {

int hash_passcode() {
    std::string passcode;
    if (!std::getline(std::cin, passcode) || passcode.empty()) {
        std::fputs(
            "stampede: --hash-passcode reads a passcode from standard input; there was none\n",
            stderr);
        return 2;
    }
    std::puts(broker::auth::hash_passcode(passcode).c_str());
    return 0;
}

}  // namespace node
