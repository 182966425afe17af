#include "tests/support/postgres_server.hpp"

#include <unistd.h>
#include <cstdio>
#include <exception>

// For scripts: starts a private PostgreSQL, prints its connection string on one line, and ends it
// when the standard input ends.

int main() {
    try {
        tests::postgres_server const server;
        std::printf("%s\n", server.connection_string().c_str());
        std::fflush(stdout);
        char byte = 0;
        while (read(STDIN_FILENO, &byte, 1) > 0) {
        }
        return 0;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
