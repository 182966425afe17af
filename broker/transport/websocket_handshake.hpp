#pragma once

#include "broker/transport/http.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// The opening handshake (RFC 6455 §4.2). Pure.

namespace broker::transport {

enum class handshake_verdict : std::uint8_t {
    not_a_handshake,  // an ordinary request, or a malformed handshake
    wrong_version,    // to be answered 426
    valid,
};

handshake_verdict judge_handshake(http_request const& request);

// The 101 and its headers; `extensions` and `subprotocol` may be empty.
std::string handshake_response(http_request const& request, std::string_view subprotocol,
                               std::string_view extensions);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string websocket_accept_value(std::string_view key);

}  // namespace broker::transport
