#pragma once

#include "broker/unique_function.hpp"

#include <sys/socket.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// Where "10.0.0.7:9080", "[::1]:9080" or "node-2.stampede:9080" is, without waiting on the loop.

namespace broker::transport {

class loop;

struct socket_address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

// Calls `done` on `home`'s thread: before it returns for a numeric address, later for a name.
// Nothing: the address is malformed or nobody knows the name.
void look_up(loop& home, std::string_view address,
             unique_function<void(std::optional<socket_address>)> done);

}  // namespace broker::transport
