#include "broker/transport/websocket_decoder.hpp"

#include "broker/transport/utf8_check.hpp"
#include "broker/transport/websocket_deflate.hpp"
#include "broker/transport/websocket_frame.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>

namespace broker::transport {
namespace {

using type = websocket_event::type;

constexpr std::size_t max_client_header = 14;

websocket_event failure(unsigned code, std::string_view reason) {
    websocket_event event;
    event.what = type::failed;
    event.code = static_cast<std::uint16_t>(code);
    event.reason = reason;
    return event;
}

constexpr std::string_view too_big = "message too big";
constexpr std::string_view not_utf8 = "text is not UTF-8";

// Deflate can make incompressible data a little longer than it was.
constexpr std::size_t wire_bound(std::size_t max_message_bytes, bool compressed) {
    return compressed ? max_message_bytes + max_message_bytes / 1024 + 64 : max_message_bytes;
}

bool is_control(websocket_opcode code) {
    return (static_cast<unsigned>(code) & 0x8) != 0;
}

bool is_utf8(std::span<char const> bytes) {
    utf8_check check;
    return check.feed(bytes) && check.complete();
}

websocket_event control_event(websocket_opcode code, std::span<char> payload) {
    websocket_event event;
    event.payload = payload;
    if (code == websocket_opcode::ping) {
        event.what = type::ping;
        return event;
    }
    if (code == websocket_opcode::pong) {
        event.what = type::pong;
        return event;
    }
    event.what = type::close;
    event.code = 1005;
    if (payload.empty()) return event;
    if (payload.size() == 1) return failure(1002, "close frame of one byte");
    auto const high = static_cast<unsigned char>(payload[0]);
    auto const low = static_cast<unsigned char>(payload[1]);
    event.code = static_cast<std::uint16_t>(high << 8 | low);
    if (!is_sendable_close_code(event.code)) return failure(1002, "invalid close code");
    auto const reason = payload.subspan(2);
    if (!is_utf8(reason)) return failure(1007, "close reason is not UTF-8");
    event.reason = {reason.data(), reason.size()};
    return event;
}

}  // namespace

std::size_t websocket_unmask(std::span<char> bytes, std::uint32_t mask,
                             std::size_t phase) noexcept {
    static_assert(std::endian::native == std::endian::little);
    auto const rotated = std::rotr(mask, static_cast<int>(8 * (phase % 4)));
    std::uint64_t const wide = std::uint64_t{rotated} << 32 | rotated;
    char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 32; left -= 32, at += 32) {
        std::uint64_t words[4];
        std::memcpy(words, at, 32);
        for (auto& word : words) word ^= wide;
        std::memcpy(at, words, 32);
    }
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        word ^= wide;
        std::memcpy(at, &word, 8);
    }
    for (std::size_t i = 0; i < left; ++i) {
        at[i] = static_cast<char>(static_cast<unsigned char>(at[i]) ^ (wide >> (8 * i) & 0xFF));
    }
    return (phase + bytes.size()) % 4;
}

struct websocket_decoder::frame {
    websocket_opcode code = websocket_opcode::continuation;
    bool fin = false;
    bool compressed = false;
    std::uint32_t mask = 0;
    std::uint64_t length = 0;
    std::size_t header_bytes = 0;  // 0: the header is not complete

    // Reads what the header says, as far as `bytes` go.
    static frame read(std::span<char const> bytes) {
        frame result;
        if (bytes.size() < 2) return result;
        auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
        std::size_t const length_code = byte(1) & 0x7F;
        std::size_t const wide = length_code == 126 ? 2 : length_code == 127 ? 8 : 0;
        bool const masked = (byte(1) & 0x80) != 0;
        std::size_t const size = 2 + wide + (masked ? 4 : 0);
        if (bytes.size() < size) return result;
        result.code = static_cast<websocket_opcode>(byte(0) & 0x0F);
        result.fin = (byte(0) & websocket_fin) != 0;
        result.compressed = (byte(0) & websocket_rsv1) != 0;
        result.length = wide == 0 ? length_code : 0;
        for (std::size_t i = 0; i < wide; ++i) result.length = result.length << 8 | byte(2 + i);
        if (masked) std::memcpy(&result.mask, bytes.data() + 2 + wide, 4);
        result.header_bytes = size;
        return result;
    }
};

struct websocket_decoder::partial {
    std::array<char, max_client_header> header;
    std::uint8_t header_size = 0;  // of an unfinished header
    bool in_frame = false;         // `current` is being received
    bool in_message = false;       // fragments are expected
    bool compressed = false;       // the message
    bool delivered = false;        // `message` has been handed out
    std::uint8_t phase = 0;        // of the mask
    websocket_opcode message_code = websocket_opcode::text;
    utf8_check utf8;
    frame current;
    std::uint64_t left = 0;  // of the frame's payload
    std::string message;
    std::string control;
};

namespace {

// What is wrong with the first two bytes of a frame, or empty.
std::string_view header_fault(unsigned char first, unsigned char second, bool in_message,
                              bool may_compress) {
    unsigned const code = first & 0x0Fu;
    bool const control = (code & 0x8u) != 0;
    if ((first & 0x30u) != 0) return "reserved bits";
    if (code > 0xA || (code > 0x2 && code < 0x8)) return "unknown opcode";
    if ((first & websocket_rsv1) != 0 && (!may_compress || control || code == 0)) {
        return "reserved bits";
    }
    if ((second & 0x80u) == 0) return "frame is not masked";
    if (control) {
        if ((first & websocket_fin) == 0) return "fragmented control frame";
        if ((second & 0x7Fu) > websocket_control_bytes) return "control frame too long";
        return {};
    }
    if (code == 0 && !in_message) return "continuation of nothing";
    if (code != 0 && in_message) return "message inside a message";
    return {};
}

}  // namespace

websocket_decoder::websocket_decoder() noexcept = default;
websocket_decoder::~websocket_decoder() = default;

websocket_decoder::partial& websocket_decoder::keep() {
    if (partial_ == nullptr) partial_ = std::make_unique<partial>();
    return *partial_;
}

std::size_t websocket_decoder::kept_bytes() const noexcept {
    if (partial_ == nullptr) return 0;
    return sizeof(partial) + partial_->message.capacity() + partial_->control.capacity();
}

websocket_event websocket_decoder::next(std::span<char>& input, limits const& bounds) {
    // What the last event referred to is not needed any more.
    if (partial_ != nullptr && partial_->delivered) partial_.reset();

    for (;;) {
        if (partial_ == nullptr || !partial_->in_frame) {
            if (input.empty()) return {};
            bool const in_message = partial_ != nullptr && partial_->in_message;
            bool const continued = partial_ != nullptr && partial_->header_size > 0;
            std::span<char const> header = input;
            std::size_t kept = 0;
            if (continued) {
                auto& state = *partial_;
                kept = state.header_size;
                auto const more = std::min(input.size(), max_client_header - kept);
                std::memcpy(state.header.data() + kept, input.data(), more);
                header = {state.header.data(), kept + more};
            }
            if (header.size() >= 2) {
                auto const fault = header_fault(static_cast<unsigned char>(header[0]),
                                                static_cast<unsigned char>(header[1]), in_message,
                                                bounds.inflater != nullptr);
                if (!fault.empty()) return failure(1002, fault);
            }
            auto const current = frame::read(header);
            if (current.header_bytes == 0) {
                auto& state = keep();
                if (!continued) std::memcpy(state.header.data(), input.data(), input.size());
                state.header_size = static_cast<std::uint8_t>(header.size());
                input = {};
                return {};
            }
            if (current.length >> 63 != 0) return failure(1002, "frame length");
            auto const shortest = current.length <= 125 ? 6u : current.length <= 0xFFFF ? 8u : 14u;
            if (current.header_bytes != shortest) return failure(1002, "frame length not minimal");

            auto const message_so_far = in_message ? partial_->message.size() : 0;
            if (!is_control(current.code)) {
                bool const compressed = in_message ? partial_->compressed : current.compressed;
                auto const bound = wire_bound(bounds.max_message_bytes, compressed);
                if (current.length > bound - std::min(bound, message_so_far)) {
                    return failure(1009, too_big);
                }
            }
            input = input.subspan(current.header_bytes - kept);
            if (continued) partial_->header_size = 0;

            bool const whole = current.length <= input.size();
            bool const alone = is_control(current.code) || (current.fin && !in_message);
            if (whole && alone) {
                auto const payload = input.first(current.length);
                input = input.subspan(current.length);
                if (partial_ != nullptr && !in_message) partial_.reset();
                return whole_frame(current, payload, bounds);
            }

            auto& state = keep();
            state.current = current;
            state.left = current.length;
            state.phase = 0;
            state.in_frame = true;
            if (is_control(current.code)) {
                state.control.clear();
            } else if (!state.in_message) {
                state.in_message = true;
                state.message_code = current.code;
                state.compressed = current.compressed;
            }
        }

        auto& state = *partial_;
        bool const control = is_control(state.current.code);
        auto& target = control ? state.control : state.message;
        auto const part = input.first(std::min<std::uint64_t>(state.left, input.size()));
        input = input.subspan(part.size());
        auto const phase = websocket_unmask(part, state.current.mask, state.phase);
        state.phase = static_cast<std::uint8_t>(phase);
        state.left -= part.size();
        if (!control && !state.compressed && state.message_code == websocket_opcode::text &&
            !state.utf8.feed(part)) {
            return failure(1007, not_utf8);
        }
        // Half of the frame has come: the rest will too, so room is made for all of it at once.
        // Before that nothing is allocated on the peer's word alone.
        if (target.size() + part.size() >= state.left) {
            target.reserve(target.size() + part.size() + state.left);
        }
        target.append(part.data(), part.size());
        if (state.left > 0) return {};
        state.in_frame = false;
        if (control || state.current.fin) return frame_ended(bounds);
    }
}

// A frame that is a message, or a control frame, and lies whole in the input.
websocket_event websocket_decoder::whole_frame(frame const& current, std::span<char> payload,
                                               limits const& bounds) {
    websocket_unmask(payload, current.mask, 0);
    if (is_control(current.code)) return control_event(current.code, payload);
    websocket_event event;
    event.what = type::message;
    event.kind = current.code == websocket_opcode::text ? frame_kind::text : frame_kind::binary;
    event.payload = payload;
    if (current.compressed) {
        auto const inflated = bounds.inflater->inflate(payload, bounds.max_message_bytes);
        if (inflated.outcome == inflate_outcome::too_big) return failure(1009, too_big);
        if (inflated.outcome == inflate_outcome::invalid) {
            return failure(1007, "invalid compressed data");
        }
        event.payload = inflated.bytes;
    }
    if (event.kind == frame_kind::text && !is_utf8(event.payload)) return failure(1007, not_utf8);
    return event;
}

// The last byte of a kept frame has come: a control frame, or the last frame of a message.
websocket_event websocket_decoder::frame_ended(limits const& bounds) {
    auto& state = *partial_;
    if (is_control(state.current.code)) {
        state.delivered = !state.in_message;
        return control_event(state.current.code, state.control);
    }
    state.delivered = true;
    websocket_event event;
    event.what = type::message;
    event.kind =
        state.message_code == websocket_opcode::text ? frame_kind::text : frame_kind::binary;
    event.payload = state.message;
    if (state.compressed) {
        auto const inflated = bounds.inflater->inflate(state.message, bounds.max_message_bytes);
        if (inflated.outcome == inflate_outcome::too_big) return failure(1009, too_big);
        if (inflated.outcome == inflate_outcome::invalid) {
            return failure(1007, "invalid compressed data");
        }
        event.payload = inflated.bytes;
        if (event.kind == frame_kind::text && !is_utf8(event.payload)) {
            return failure(1007, not_utf8);
        }
    } else if (event.kind == frame_kind::text && !state.utf8.complete()) {
        return failure(1007, not_utf8);
    }
    return event;
}

}  // namespace broker::transport
