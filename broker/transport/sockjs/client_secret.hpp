#pragma once

#include "broker/transport/http.hpp"

#include <array>
#include <optional>

// What ties an HTTP session to the client that opened it, besides an id that somebody else may
// guess or see in a log: the Authorization header and the JSESSIONID cookie, where the opening
// request had them. Never an address or a port: those change behind proxies.
//
// Only digests are kept.

namespace broker::transport::sockjs {

class client_secret {
public:
    explicit client_secret(http_request const& opening);

    // Does `request` bring everything the opening request brought? Takes the same time whatever
    // differs.
    bool matches(http_request const& request) const;

private:
    using digest = std::array<unsigned char, 32>;
    static std::optional<digest> authorization_of(http_request const& request);
    static std::optional<digest> cookie_of(http_request const& request);

    std::optional<digest> authorization_;
    std::optional<digest> cookie_;
};

}  // namespace broker::transport::sockjs
