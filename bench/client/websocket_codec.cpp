#include "bench/client/websocket_codec.hpp"

#include <cstring>
#include <utility>

namespace bench {
namespace {

unsigned char octet(std::string_view bytes, std::size_t at) noexcept {
    return static_cast<unsigned char>(bytes[at]);
}

bool is_control(opcode what) noexcept {
    return (static_cast<unsigned>(what) & 8U) != 0;
}

}  // namespace

bool read_websocket_head(std::string_view bytes, websocket_head& out) noexcept {
    if (bytes.size() < 2) return false;
    out.what = static_cast<opcode>(octet(bytes, 0) & 0x0fU);
    out.last = (octet(bytes, 0) & 0x80U) != 0;
    out.reserved = (octet(bytes, 0) & 0x70U) != 0;
    out.masked = (octet(bytes, 1) & 0x80U) != 0;
    std::size_t const small = octet(bytes, 1) & 0x7fU;
    std::size_t const extra = small == 126 ? 2 : small == 127 ? 8 : 0;
    out.head_bytes = 2 + extra + (out.masked ? 4 : 0);
    if (bytes.size() < out.head_bytes) return false;
    out.payload_bytes = extra == 0 ? small : 0;
    for (std::size_t i = 0; i < extra; ++i) {
        out.payload_bytes = out.payload_bytes << 8 | octet(bytes, 2 + i);
    }
    out.mask = 0;
    if (out.masked) std::memcpy(&out.mask, bytes.data() + 2 + extra, sizeof out.mask);
    return true;
}

void apply_mask(char* bytes, std::size_t size, std::uint32_t mask) noexcept {
    std::uint64_t const wide = std::uint64_t{mask} << 32 | mask;
    std::size_t at = 0;
    for (; at + sizeof wide <= size; at += sizeof wide) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + at, sizeof word);
        word ^= wide;
        std::memcpy(bytes + at, &word, sizeof word);
    }
    char rest[sizeof wide];
    std::memcpy(rest, &wide, sizeof wide);
    for (std::size_t i = 0; at < size; ++at, ++i)
        bytes[at] = static_cast<char>(bytes[at] ^ rest[i]);
}

void append_websocket_frame(std::string& out, opcode what, std::string_view payload,
                            std::uint32_t mask) {
    char head[14];
    std::size_t size = 0;
    unsigned const masked = mask == 0 ? 0 : 0x80U;
    head[size++] = static_cast<char>(0x80U | static_cast<unsigned>(what));
    if (payload.size() < 126) {
        head[size++] = static_cast<char>(masked | payload.size());
    } else {
        bool const wide = payload.size() > 0xffff;
        head[size++] = static_cast<char>(masked | (wide ? 127U : 126U));
        for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) {
            head[size++] = static_cast<char>((std::uint64_t{payload.size()} >> shift) & 0xffU);
        }
    }
    if (mask != 0) {
        std::memcpy(head + size, &mask, sizeof mask);
        size += sizeof mask;
    }
    out.append(head, size);
    out.append(payload);
    if (mask != 0) apply_mask(out.data() + out.size() - payload.size(), payload.size(), mask);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    std::string out;
    out.push_back(static_cast<char>(code >> 8));
    out.push_back(static_cast<char>(code & 0xffU));
    out.append(reason.substr(0, 123));
    return out;
}

std::string describe_close(std::string_view payload) {
    if (payload.size() < 2) return "without a code";
    unsigned const code = static_cast<unsigned>(octet(payload, 0)) << 8 | octet(payload, 1);
    std::string out = std::to_string(code);
    if (payload.size() > 2) out.append(" ").append(payload.substr(2));
    return out;
}

websocket_decoder::event websocket_decoder::next_unusual(std::string_view& bytes) {
    for (;;) {
        // What the last event pointed into is not needed any more. An assignment would keep it.
        if (!in_message_ && message_.capacity() > std::string().capacity()) {
            std::string().swap(message_);
        }
        websocket_head head;
        if (!read_websocket_head(bytes, head)) return {websocket_event::more, {}};
        bool const control = is_control(head.what);
        if (head.reserved) return {websocket_event::broken, "a frame with reserved bits"};
        if (head.masked) return {websocket_event::broken, "a masked frame from a server"};
        if (control && (!head.last || head.payload_bytes > 125)) {
            return {websocket_event::broken, "a control frame in parts or too long"};
        }
        if (head.payload_bytes > websocket_frame_limit ||
            message_.size() + head.payload_bytes > websocket_frame_limit) {
            return {websocket_event::broken, "a message over 64 MiB"};
        }
        if (bytes.size() - head.head_bytes < head.payload_bytes) {
            return {websocket_event::more, {}};
        }
        auto const size = static_cast<std::size_t>(head.payload_bytes);
        std::string_view const payload = bytes.substr(head.head_bytes, size);
        bytes.remove_prefix(head.head_bytes + size);
        switch (head.what) {
            case opcode::close: return {websocket_event::close, payload};
            case opcode::ping: return {websocket_event::ping, payload};
            case opcode::pong: return {websocket_event::pong, payload};
            case opcode::text:
            case opcode::binary:
                if (in_message_) return {websocket_event::broken, "a message inside another"};
                if (head.last) return {websocket_event::message, payload};
                in_message_ = true;
                message_.assign(payload);
                break;
            case opcode::continuation:
                if (!in_message_) return {websocket_event::broken, "a continuation of nothing"};
                message_.append(payload);
                if (!head.last) break;
                in_message_ = false;
                return {websocket_event::message, message_};
            default: return {websocket_event::broken, "a frame of an unknown kind"};
        }
    }
}

}  // namespace bench
