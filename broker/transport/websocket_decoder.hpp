#pragma once

#include "broker/transport/link.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

// A server's reading half of RFC 6455: bytes as they come, cut anywhere, to messages and control
// frames. Pure: no socket, no clock.
//
// A message that lies whole in the input is unmasked there and handed out in place. Only an
// unfinished frame or message is kept, so between messages a decoder is one pointer.

namespace broker::transport {

class websocket_inflater;

struct websocket_event {
    enum class type : std::uint8_t {
        need_more,  // the input is used up
        message,    // `kind`, `payload`
        ping,       // `payload`
        pong,       // `payload`
        close,      // `code` (1005: the peer gave none), `reason`
        failed,     // the peer broke the protocol: `code` for our close frame, `reason`
    };
    type what = type::need_more;
    frame_kind kind = frame_kind::text;
    std::uint16_t code = 0;
    std::span<char> payload;
    std::string_view reason;
};

class websocket_decoder {
public:
    struct limits {
        std::size_t max_message_bytes;
        websocket_inflater* inflater = nullptr;  // null: compression was not agreed on
    };

    websocket_decoder() noexcept;
    ~websocket_decoder();
    websocket_decoder(websocket_decoder const&) = delete;
    websocket_decoder& operator=(websocket_decoder const&) = delete;

    // The next event from `input`, which is advanced past what was used and is changed in place.
    // What the event refers to is valid until the next call, as long as the input's bytes are.
    // Nothing may follow `close` or `failed`.
    websocket_event next(std::span<char>& input, limits const& bounds);

    // Bytes kept for an unfinished message.
    std::size_t kept_bytes() const noexcept;

private:
    struct frame;
    struct partial;

    websocket_event whole_frame(frame const& current, std::span<char> payload,
                                limits const& bounds);
    websocket_event frame_ended(limits const& bounds);
    partial& keep();

    std::unique_ptr<partial> partial_;
};

// XORs `bytes` with the repeated mask, of which `phase` bytes have been used. Returns the new
// phase.
std::size_t websocket_unmask(std::span<char> bytes, std::uint32_t mask, std::size_t phase) noexcept;

}  // namespace broker::transport
