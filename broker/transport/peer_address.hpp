#pragma once

#include <array>
#include <cstdint>
#include <string>

struct sockaddr_storage;

// Who is at the other end of a socket, in 20 bytes.

namespace broker::transport {

struct peer_address {
    std::array<unsigned char, 16> bytes{};  // an IPv4 address uses the first four
    std::uint16_t port = 0;
    bool v6 = false;

    static peer_address from(sockaddr_storage const& address);

    // "192.0.2.1:55012" or "[2001:db8::1]:55012"; an IPv4 peer of an IPv6 socket looks like IPv4.
    std::string text() const;
};

}  // namespace broker::transport
