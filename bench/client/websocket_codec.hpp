#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// WebSocket's frames (RFC 6455, section 5) without extensions. Pure; both sides.

namespace bench {

enum class opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

// A frame's limit; above it a length is taken for nonsense.
inline constexpr std::uint64_t websocket_frame_limit = std::uint64_t{64} << 20;

struct websocket_head {
    opcode what = opcode::continuation;
    bool last = true;  // of its message
    bool masked = false;
    bool reserved = false;   // bits that no extension was agreed on for
    std::uint32_t mask = 0;  // its octets in memory order
    std::size_t head_bytes = 0;
    std::uint64_t payload_bytes = 0;
};

// False while the head is incomplete.
bool read_websocket_head(std::string_view bytes, websocket_head& out) noexcept;

// One whole frame that is a whole message. A mask of 0 stands for none (a server's).
void append_websocket_frame(std::string& out, opcode what, std::string_view payload,
                            std::uint32_t mask);

void apply_mask(char* bytes, std::size_t size, std::uint32_t mask) noexcept;

// A close frame's payload: "" for no code.
std::string close_payload(std::uint16_t code, std::string_view reason);
// "1001 going away", "1006" or "without a code", for people.
std::string describe_close(std::string_view payload);

// What a decoder says of a stream of frames.
enum class websocket_event : std::uint8_t {
    more,     // the rest of the bytes is an incomplete frame
    message,  // text or binary, whole
    ping,
    pong,
    close,
    broken,  // against the protocol; payload says what, for people
};

// Joins fragments. The bytes that it is given must stay until the event was handled; payloads
// point into them or, of fragmented messages, into the decoder.
class websocket_decoder {
public:
    struct event {
        websocket_event what;
        std::string_view payload;
    };
    // Takes the next event off `bytes`, a client's view: frames are not masked.
    event next(std::string_view& bytes) {
        // The case that matters for speed: one unfragmented message that is all there.
        if (bytes.size() >= 2 && !in_message_) {
            auto const first = static_cast<unsigned char>(bytes[0]);
            auto const small = static_cast<unsigned char>(bytes[1]);
            if (first == 0x81 || first == 0x82) {
                std::size_t head = 2;
                std::size_t size = small;
                if (small == 126 && bytes.size() >= 4) {
                    head = 4;
                    size = std::size_t{static_cast<unsigned char>(bytes[2])} << 8 |
                           static_cast<unsigned char>(bytes[3]);
                }
                if ((small < 126 || head == 4) && bytes.size() - head >= size) {
                    event const out{websocket_event::message, bytes.substr(head, size)};
                    bytes.remove_prefix(head + size);
                    return out;
                }
            }
        }
        return next_unusual(bytes);
    }
    // For a new stream. What the last event pointed to stays until the next call of next().
    void restart() noexcept { in_message_ = false; }
    // Of a fragmented message, so far.
    std::size_t kept_bytes() const noexcept { return message_.capacity(); }

private:
    event next_unusual(std::string_view& bytes);

    std::string message_;
    bool in_message_ = false;
};

}  // namespace bench
