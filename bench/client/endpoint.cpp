#include "bench/client/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace bench {
namespace {

struct scheme {
    std::string_view name;
    framing kind;
    bool tls;
    std::uint16_t port;
};
constexpr scheme schemes[] = {
    {"ws", framing::websocket, false, 80},  {"wss", framing::websocket, true, 443},
    {"sockjs", framing::sockjs, false, 80}, {"sockjss", framing::sockjs, true, 443},
    {"stomp", framing::tcp, false, 61613},  {"stomps", framing::tcp, true, 61614},
};

constexpr std::string_view expected =
    "expected ws://HOST[:PORT]/PATH, sockjs://HOST[:PORT]/PREFIX or stomp://HOST[:PORT], or wss, "
    "sockjss, stomps over TLS";

// What may stand in a request line and in Host as it is.
bool printable(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

endpoint parse_url(std::string_view url) {
    auto const bad = [&](std::string_view why) {
        throw std::invalid_argument("bad URL \"" + std::string(url) + "\": " + std::string(why) +
                                    "; " + std::string(expected));
    };
    auto const colon = url.find("://");
    if (colon == std::string_view::npos) bad("it has no scheme");
    auto const* const found = std::ranges::find(schemes, url.substr(0, colon), &scheme::name);
    if (found == std::end(schemes)) bad("its scheme is not known");
    if (!printable(url)) bad("a character in it must be written as %XX");

    endpoint out;
    out.kind = found->kind;
    out.tls = found->tls;
    out.port = found->port;
    out.url = url;
    std::string_view rest = url.substr(colon + 3);
    if (auto const fragment = rest.find('#'); fragment != std::string_view::npos) {
        rest = rest.substr(0, fragment);
    }
    auto const end = rest.find_first_of("/?");
    std::string_view authority = rest.substr(0, end);
    std::string_view const path = end == std::string_view::npos ? "" : rest.substr(end);
    if (authority.find('@') != std::string_view::npos) {
        bad("login and passcode have options of their own");
    }

    std::string_view host = authority;
    std::string_view port;
    bool has_port = false;
    if (authority.starts_with('[')) {
        auto const close = authority.find(']');
        if (close == std::string_view::npos) bad("the bracket of its IPv6 address is not closed");
        host = authority.substr(1, close - 1);
        std::string_view const after = authority.substr(close + 1);
        if (!after.empty() && after[0] != ':') bad("only a port may follow the IPv6 address");
        has_port = !after.empty();
        if (has_port) port = after.substr(1);
    } else if (auto const at = authority.find(':'); at != std::string_view::npos) {
        if (authority.rfind(':') != at) bad("an IPv6 address stands in brackets");
        host = authority.substr(0, at);
        port = authority.substr(at + 1);
        has_port = true;
    }
    if (host.empty()) bad("its host is missing");
    out.host = host;
    if (has_port) {
        auto const [stop, error] =
            std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (error != std::errc{} || stop != port.data() + port.size() || out.port == 0) {
            bad("its port is not a number from 1 to 65535");
        }
    }

    switch (out.kind) {
        case framing::websocket:
            out.path = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
            break;
        case framing::sockjs:
            if (path.find('?') != std::string_view::npos) bad("a SockJS prefix has no query");
            // "/<server>/<session>/websocket" is put behind it.
            out.path = path;
            while (out.path.ends_with('/')) out.path.pop_back();
            break;
        case framing::tcp:
            if (!path.empty() && path != "/") bad("STOMP over TCP has no path");
            break;
    }
    return out;
}

}  // namespace bench
