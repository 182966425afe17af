#include "config/listen_address.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace config {
namespace {

bool is_numeric(int family, std::string const& host) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    // inet_pton sees no further than that.
    if (host.find('\0') != std::string::npos) return false;
    return inet_pton(family, host.c_str(), ignored.data()) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    auto const* end = text.data() + text.size();
    auto const [rest, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return port;
}

}  // namespace

std::optional<listen_address> parse_listen_address(std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto const port = parse_port(text.substr(colon + 1));
    if (!port) return std::nullopt;

    std::string host(text.substr(0, colon));
    if (host == "localhost") host = "127.0.0.1";
    if (host == "*") host = "0.0.0.0";
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        if (!is_numeric(AF_INET6, host)) return std::nullopt;
    } else if (!is_numeric(AF_INET, host)) {
        return std::nullopt;
    }
    return listen_address{std::move(host), *port};
}

std::string to_string(listen_address const& address) {
    bool const v6 = address.host.find(':') != std::string::npos;
    return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace config
