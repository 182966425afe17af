#include "broker/transport/peer_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <algorithm>
#include <cstring>

namespace broker::transport {

peer_address peer_address::from(sockaddr_storage const& address) {
    peer_address peer;
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        std::memcpy(peer.bytes.data(), &v4.sin_addr, 4);
        peer.port = ntohs(v4.sin_port);
    } else if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        peer.port = ntohs(v6.sin6_port);
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
            std::memcpy(peer.bytes.data(), v6.sin6_addr.s6_addr + 12, 4);
        } else {
            std::memcpy(peer.bytes.data(), v6.sin6_addr.s6_addr, 16);
            peer.v6 = true;
        }
    }
    return peer;
}

std::string peer_address::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), buffer.data(), buffer.size());
    std::string result = v6 ? "[" + std::string(buffer.data()) + "]" : std::string(buffer.data());
    result += ':';
    result += std::to_string(port);
    return result;
}

}  // namespace broker::transport
