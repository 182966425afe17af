#pragma once

namespace tests {

// A TCP port for a server of a test: nobody else's while this process runs, in any test program
// that asks here or in scripts/support/ports.py, even while the server is down; and none that the
// system gives to an outgoing connection. Throws std::runtime_error when there is none. Any thread.
int free_port();

}  // namespace tests
