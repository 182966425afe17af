#include "tests/support/free_port.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>

namespace tests {

namespace {

// Below those of outgoing connections (/proc/sys/net/ipv4/ip_local_port_range); as in
// scripts/support/ports.py.
constexpr int first = 20'000;
constexpr int last = 31'999;
constexpr int attempts = 1'000;

// Takes an abstract socket name, which the system gives to one process at a time and takes back
// when that process ends, however it ends.
bool reserve(int port) {
    int const mark = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string const name = "stampede-test-port-" + std::to_string(port);
    std::ranges::copy(name, address.sun_path + 1);
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    bool const taken = bind(mark, reinterpret_cast<sockaddr*>(&address), size) == 0;
    if (!taken) close(mark);
    return taken;
}

// On all addresses, since RabbitMQ's distribution listens on them.
bool is_free(int port) {
    int const probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    bool const bound = bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(probe);
    return bound;
}

}  // namespace

int free_port() {
    std::random_device random;
    std::uniform_int_distribution<int> any(first, last);
    for (int attempt = 0; attempt < attempts; ++attempt) {
        int const port = any(random);
        if (reserve(port) && is_free(port)) return port;
    }
    throw std::runtime_error("no free port from " + std::to_string(first) + " to " +
                             std::to_string(last));
}

}  // namespace tests
