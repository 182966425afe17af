#include "broker/registry/redis/address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace broker::redis {

namespace {

constexpr std::string_view plain_scheme = "redis://";
constexpr std::string_view secure_scheme = "rediss://";

[[noreturn]] void refuse(char const* why) {
    throw std::invalid_argument(std::string("a Redis address ") + why);
}

int number(std::string_view text, int highest, char const* why) {
    int value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > highest) {
        refuse(why);
    }
    return value;
}

// Of a name, of an IPv4 or an IPv6 address with its zone.
bool may_be_in_host(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._:%").find(c) != std::string_view::npos;
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i != text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        auto const* const digits = text.data() + i + 1;
        if (i + 2 >= text.size() ||
            std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) {
            refuse("has a '%' that two hexadecimal digits do not follow");
        }
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

}  // namespace

std::string address::place() const {
    bool const is_v6 = host.find(':') != std::string::npos;
    return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

address parse_place(std::string_view text, int default_port) {
    address parsed{.host = {}, .port = default_port};
    std::string_view port;
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        if (end == std::string_view::npos) refuse("has a '[' without a ']'");
        parsed.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else {
        auto const colon = text.find(':');
        parsed.host = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon);
    }
    if (parsed.host.empty()) refuse("needs a host");
    if (!std::ranges::all_of(parsed.host, may_be_in_host)) {
        refuse("needs a host that is a name or a numeric address");
    }
    if (!port.empty()) {
        if (!port.starts_with(':')) refuse("has something else than a port after its host");
        parsed.port = number(port.substr(1), 65'535, "needs a port from 1 to 65535");
        if (parsed.port == 0) refuse("needs a port from 1 to 65535");
    }
    return parsed;
}

address parse_url(std::string_view url) {
    bool const tls = url.starts_with(secure_scheme);
    if (!tls && !url.starts_with(plain_scheme)) refuse("starts with redis:// or rediss://");
    url.remove_prefix((tls ? secure_scheme : plain_scheme).size());

    std::optional<std::string_view> credentials;
    if (auto const at = url.rfind('@'); at != std::string_view::npos) {
        credentials = url.substr(0, at);
        url.remove_prefix(at + 1);
    }
    std::string_view database;
    if (auto const slash = url.find('/'); slash != std::string_view::npos) {
        database = url.substr(slash + 1);
        url = url.substr(0, slash);
    }
    address parsed = parse_place(url, 6379);
    parsed.tls = tls;
    if (!database.empty()) {
        parsed.database = number(database, 1'000'000, "needs a number after the '/'");
    }
    if (credentials) {
        auto const colon = credentials->find(':');
        if (colon == std::string_view::npos) refuse("needs ':' before its password");
        parsed.user = decoded(credentials->substr(0, colon));
        parsed.password = decoded(credentials->substr(colon + 1));
    }
    return parsed;
}

address parse_sentinel(std::string_view text) {
    bool const tls = text.starts_with(secure_scheme);
    if (tls) text.remove_prefix(secure_scheme.size());
    address parsed = parse_place(text, 26379);
    parsed.tls = tls;
    return parsed;
}

}  // namespace broker::redis
