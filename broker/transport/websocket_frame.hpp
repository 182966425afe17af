#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// The header of a WebSocket frame (RFC 6455 §5.2) and the rules about its numbers.

namespace broker::transport {

enum class websocket_opcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
};

constexpr std::uint8_t websocket_fin = 0x80;
constexpr std::uint8_t websocket_rsv1 = 0x40;  // compressed (RFC 7692 §6)
constexpr std::size_t websocket_control_bytes = 125;

// The length of a server's frame header: no mask.
constexpr std::size_t websocket_header_bytes(std::size_t payload) noexcept {
    return payload <= 125 ? 2 : payload <= 0xFFFF ? 4 : 10;
}

// Writes the header of an unmasked frame; returns its length, at most 10.
constexpr std::size_t write_websocket_header(char* to, std::uint8_t first,
                                             std::size_t payload) noexcept {
    to[0] = static_cast<char>(first);
    if (payload <= 125) {
        to[1] = static_cast<char>(payload);
        return 2;
    }
    std::size_t const width = payload <= 0xFFFF ? 2 : 8;
    to[1] = static_cast<char>(width == 2 ? 126 : 127);
    for (std::size_t i = 0; i < width; ++i) {
        to[2 + i] = static_cast<char>(payload >> (8 * (width - 1 - i)));
    }
    return 2 + width;
}

// Whether a peer may send this code in a close frame (RFC 6455 §7.4, and those registered since).
constexpr bool is_sendable_close_code(unsigned code) noexcept {
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace broker::transport
