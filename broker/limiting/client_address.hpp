#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Whose address a request comes from, also when proxies stand between. Pure.

namespace broker::limiting {

struct client_address {
    std::array<unsigned char, 16> bytes{};  // an IPv4 address uses the first four
    bool v6 = false;

    // "192.0.2.1", "192.0.2.1:5501", "2001:db8::1", "[2001:db8::1]:5501". An IPv4 address in the
    // form of an IPv6 one is an IPv4 address.
    static std::optional<client_address> parse(std::string_view text);

    // Whom limits mean: the address, or the /64 network of an IPv6 one, which is what a subscriber
    // of a provider has at least.
    std::string key() const;

    // "192.0.2.1", "2001:db8::1".
    std::string text() const;

    friend bool operator==(client_address const&, client_address const&) = default;
};

struct network {
    client_address base;
    unsigned bits = 0;

    // "10.0.0.0/8", "fd00::/8", or one address.
    static std::optional<network> parse(std::string_view text);
    bool contains(client_address const& one) const noexcept;
};

// Who may say in a header whose request it passes on.
struct trusted_proxies {
    std::vector<network> networks;
    std::string header = "X-Forwarded-For";

    bool trusts(client_address const& one) const noexcept;

    // The client of a request that came from `peer` with these values of the header, in their
    // order: going back from the peer, the first that is no trusted proxy. What is no address ends
    // the way back, so that nothing behind it is believed.
    client_address client_behind(client_address const& peer,
                                 std::span<std::string_view const> values) const;
};

}  // namespace broker::limiting
