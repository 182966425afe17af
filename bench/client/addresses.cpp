#include "bench/client/addresses.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <stdexcept>

namespace bench {

socket_address numeric_address(std::string_view text, std::uint16_t port) {
    std::string const digits(text);
    socket_address out;
    auto& v4 = reinterpret_cast<sockaddr_in&>(out.bytes);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out.bytes);
    if (inet_pton(AF_INET, digits.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        out.size = sizeof v4;
    } else if (inet_pton(AF_INET6, digits.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        out.size = sizeof v6;
    } else {
        throw std::invalid_argument("\"" + digits + "\" is no IPv4 or IPv6 address");
    }
    return out;
}

address_book::entry& address_book::find(std::string const& host, std::uint16_t port) {
    auto const [at, is_new] = entries_.try_emplace({host, port});
    entry& out = at->second;
    if (!is_new) return out;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    int const failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (failed != 0) {
        out.error = "no address for " + host + ": " + gai_strerror(failed);
        return out;
    }
    std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> const owned(found, &freeaddrinfo);
    for (auto const* next = found; next != nullptr; next = next->ai_next) {
        if (next->ai_addrlen > sizeof(sockaddr_storage)) continue;
        socket_address address;
        std::memcpy(&address.bytes, next->ai_addr, next->ai_addrlen);
        address.size = next->ai_addrlen;
        out.addresses.push_back(address);
    }
    if (out.addresses.empty()) out.error = "no address for " + host;
    return out;
}

}  // namespace bench
