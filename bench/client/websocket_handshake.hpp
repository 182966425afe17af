#pragma once

#include <string>
#include <string_view>

// The opening handshake of WebSocket (RFC 6455, section 4), both sides.

namespace bench {

// A random key. One per loop serves all its connections: it guards against caches that answer for
// the server, which a second key would not do better, and its answer need be computed only once.
std::string make_websocket_key();
std::string websocket_accept_of(std::string_view key);

struct handshake_request {
    std::string_view host;  // as in the URL; an IPv6 address without its brackets
    unsigned port;
    unsigned default_port;  // of the scheme: not named in Host
    std::string_view path;
    std::string_view key;
    std::string_view protocols;  // empty: none
    std::string_view token;      // empty: no Authorization
};
std::string to_text(handshake_request const& request);

// "v12.stomp, v11.stomp" for "1.1,1.2": the best one first.
std::string websocket_protocols(std::string_view accept_version);

// A response's or a request's field, without blanks around it; empty when it is missing.
std::string_view http_field(std::string_view head, std::string_view name) noexcept;

// Empty when the server agreed, else why not: its status line for one.
std::string handshake_refusal(std::string_view head, std::string_view accept);

}  // namespace bench
