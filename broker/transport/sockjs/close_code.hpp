#pragma once

#include "broker/transport/sockjs/utf8.hpp"

#include <cstdint>
#include <string_view>

// Close codes on their way into a WebSocket close frame, which not every code may travel in.

namespace broker::transport::sockjs {

// 1005, 1006 and 1015 are never sent, and below 3000 only what RFC 6455 §7.4.1 and its registry
// define may be.
constexpr std::uint16_t websocket_close_code(std::uint16_t code) noexcept {
    bool const registered =
        code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    return registered || (code >= 3000 && code <= 4999) ? code : std::uint16_t{1000};
}

inline std::string_view websocket_close_reason(std::string_view reason) noexcept {
    return utf8_prefix(reason, 123);
}

}  // namespace broker::transport::sockjs
