#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Where a listener listens: a numeric address and a port.

namespace config {

struct listen_address {
    std::string host = "127.0.0.1";  // numeric; IPv6 without its brackets
    std::uint16_t port = 8080;       // 0: a free one

    friend bool operator==(listen_address const&, listen_address const&) = default;
};

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (the IPv4 one), "*:8080" (every IPv4 address).
// Nothing if it is something else: other names are not looked up.
std::optional<listen_address> parse_listen_address(std::string_view text);

// As it is written in a URL: IPv6 in brackets.
std::string to_string(listen_address const& address);

}  // namespace config
