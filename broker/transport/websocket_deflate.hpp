#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// permessage-deflate (RFC 7692) without context takeover in either direction: every message stands
// alone, so one set of zlib streams serves all connections of a shard and a connection keeps
// nothing.

struct z_stream_s;

namespace broker::transport {

// What the answer to an offer says.
struct deflate_agreement {
    std::uint8_t server_window_bits = 15;  // for what we send, 8 to 15
    std::string response;                  // the value of Sec-WebSocket-Extensions
};

// Chooses from a Sec-WebSocket-Extensions header (several joined by ','): the first acceptable
// offer of permessage-deflate; nothing when there is none, or when the header is malformed.
std::optional<deflate_agreement> negotiate_deflate(std::string_view offers);

struct z_stream_closer {
    void operator()(z_stream_s* stream) const noexcept;
    bool inflating = false;
};
using z_stream_ptr = std::unique_ptr<z_stream_s, z_stream_closer>;

enum class inflate_outcome : std::uint8_t {
    done,
    too_big,  // the message would be longer than allowed; what came out so far was thrown away
    invalid,
};

struct inflated_message {
    inflate_outcome outcome;
    std::span<char> bytes;  // until the next call
};

class websocket_inflater {
public:
    // One whole compressed message. Never makes more than `max_bytes` bytes of it.
    inflated_message inflate(std::span<char const> compressed, std::size_t max_bytes);

private:
    z_stream_ptr stream_;
    std::vector<char> output_;
};

class websocket_deflater {
public:
    // Compresses head and tail as one message; empty when that does not make it shorter.
    std::string deflate(std::string_view head, std::string_view tail,
                        std::uint8_t window_bits = 15);

private:
    std::array<z_stream_ptr, 16> streams_;  // by window bits, made when first needed
    std::vector<char> output_;
};

}  // namespace broker::transport
