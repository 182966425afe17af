#include "broker/limiting/client_address.hpp"

#include "broker/trimmed.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <algorithm>
#include <charconv>
#include <cstring>

namespace broker::limiting {
namespace {

// Without the brackets and the port.
std::string_view host_of(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
    auto const colon = text.find(':');
    bool const one_colon = colon != std::string_view::npos && text.rfind(':') == colon;
    return one_colon ? text.substr(0, colon) : text;
}

}  // namespace

std::optional<client_address> client_address::parse(std::string_view text) {
    auto const host = host_of(text);
    if (host.empty() || host.size() >= INET6_ADDRSTRLEN) return std::nullopt;
    // inet_pton sees no further than that.
    if (host.find('\0') != std::string_view::npos) return std::nullopt;
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    std::ranges::copy(host, terminated.begin());
    client_address out;
    if (::inet_pton(AF_INET, terminated.data(), out.bytes.data()) == 1) return out;
    in6_addr v6{};
    if (::inet_pton(AF_INET6, terminated.data(), &v6) != 1) return std::nullopt;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        std::memcpy(out.bytes.data(), v6.s6_addr + 12, 4);
    } else {
        std::memcpy(out.bytes.data(), v6.s6_addr, 16);
        out.v6 = true;
    }
    return out;
}

std::string client_address::key() const {
    constexpr std::size_t v4_bytes = 4;
    constexpr std::size_t network_bytes = 8;
    return {reinterpret_cast<char const*>(bytes.data()), v6 ? network_bytes : v4_bytes};
}

std::string client_address::text() const {
    std::array<char, INET6_ADDRSTRLEN> out{};
    ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), out.data(), out.size());
    return out.data();
}

std::optional<network> network::parse(std::string_view text) {
    auto const slash = text.find('/');
    auto const base = client_address::parse(text.substr(0, slash));
    if (!base) return std::nullopt;
    unsigned const longest = base->v6 ? 128 : 32;
    if (slash == std::string_view::npos) return network{*base, longest};
    auto const digits = text.substr(slash + 1);
    unsigned bits = 0;
    auto const* const end = digits.data() + digits.size();
    auto const [rest, error] = std::from_chars(digits.data(), end, bits);
    if (error != std::errc() || rest != end || bits > longest) return std::nullopt;
    return network{*base, bits};
}

bool network::contains(client_address const& one) const noexcept {
    if (one.v6 != base.v6) return false;
    std::size_t const whole = bits / 8;
    if (std::memcmp(one.bytes.data(), base.bytes.data(), whole) != 0) return false;
    unsigned const rest = bits % 8;
    if (rest == 0) return true;
    unsigned const mask = 0xFFU << (8 - rest);
    return ((one.bytes[whole] ^ base.bytes[whole]) & mask & 0xFFU) == 0;
}

bool trusted_proxies::trusts(client_address const& one) const noexcept {
    return std::ranges::any_of(networks,
                               [&one](network const& each) { return each.contains(one); });
}

client_address trusted_proxies::client_behind(client_address const& peer,
                                              std::span<std::string_view const> values) const {
    auto client = peer;
    for (auto value = values.rbegin(); value != values.rend(); ++value) {
        auto rest = *value;
        for (bool more = true; more;) {
            if (!trusts(client)) return client;
            auto const comma = rest.rfind(',');
            more = comma != std::string_view::npos;
            auto const said = client_address::parse(more ? rest.substr(comma + 1) : rest);
            if (!said) return client;
            client = *said;
            if (more) rest = rest.substr(0, comma);
        }
    }
    return client;
}

}  // namespace broker::limiting
