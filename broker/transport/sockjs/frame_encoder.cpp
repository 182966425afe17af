#include "broker/transport/sockjs/frame_encoder.hpp"

#include "broker/transport/sockjs/byte_scan.hpp"
#include "broker/transport/sockjs/utf8.hpp"

#include <algorithm>
#include <cstddef>

namespace broker::transport::sockjs {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void append_unicode_escape(std::string& out, unsigned code_point) {
    char const escape[] = {'\\',
                           'u',
                           hex_digits[(code_point >> 12U) & 15U],
                           hex_digits[(code_point >> 8U) & 15U],
                           hex_digits[(code_point >> 4U) & 15U],
                           hex_digits[code_point & 15U]};
    out.append(escape, sizeof escape);
}

constexpr bool is_mangled_by_browsers(unsigned code_point) {
    return (code_point >= 0x200C && code_point <= 0x200F) ||
           (code_point >= 0x2028 && code_point <= 0x202F) ||
           (code_point >= 0x2060 && code_point <= 0x206F) ||
           (code_point >= 0xFFF0 && code_point <= 0xFFFF);
}

// The code point of the three-byte sequence at `at`, or 0 where there is none.
unsigned three_byte_code_point(char const* at, char const* end) {
    if (end - at < 3) return 0;
    auto byte = [at](int i) { return static_cast<unsigned>(static_cast<unsigned char>(at[i])); };
    if ((byte(1) & 0xC0U) != 0x80U || (byte(2) & 0xC0U) != 0x80U) return 0;
    return ((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
}

// Appends what stands at `at`, where the scan stopped; returns what follows it.
char const* append_special(std::string& out, char const* at, char const* end) {
    switch (*at) {
        case '"': out.append("\\\""); return at + 1;
        case '\\': out.append("\\\\"); return at + 1;
        case '\n': out.append("\\n"); return at + 1;
        case '\r': out.append("\\r"); return at + 1;
        case '\t': out.append("\\t"); return at + 1;
        case '\b': out.append("\\b"); return at + 1;
        case '\f': out.append("\\f"); return at + 1;
        default: break;
    }
    if (static_cast<unsigned char>(*at) < 0x20) {
        append_unicode_escape(out, static_cast<unsigned char>(*at));
        return at + 1;
    }
    auto const code_point = three_byte_code_point(at, end);
    if (code_point == 0) {
        out.push_back(*at);
        return at + 1;
    }
    if (is_mangled_by_browsers(code_point)) {
        append_unicode_escape(out, code_point);
    } else {
        out.append(at, 3);
    }
    return at + 3;
}

// Grows in steps: reserve() alone would allocate anew for every message of a frame.
void make_room(std::string& out, std::size_t more) {
    auto const needed = out.size() + more;
    if (needed > out.capacity()) out.reserve(std::max(needed, out.capacity() * 2));
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
    make_room(out, text.size() + text.size() / 8);
    char const* at = text.data();
    char const* const end = at + text.size();
    while (at != end) {
        auto const* stop = find_stop<encoder_stops>(at, end);
        out.append(at, stop);
        at = stop == end ? end : append_special(out, stop, end);
    }
}

message_frame::message_frame(std::size_t expected) {
    text_.reserve(expected + expected / 8 + 16);
    text_.append("a[");
}

void message_frame::add(std::string_view head, std::string_view tail) {
    if (text_.size() > 2) text_.push_back(',');
    text_.push_back('"');
    append_escaped(text_, head);
    append_escaped(text_, tail);
    text_.push_back('"');
}

std::string message_frame::take() {
    text_.push_back(']');
    return std::move(text_);
}

std::string encode_message(std::string_view head, std::string_view tail) {
    message_frame frame(head.size() + tail.size());
    frame.add(head, tail);
    return frame.take();
}

std::string encode_close(std::uint16_t code, std::string_view reason) {
    std::string frame = "c[" + std::to_string(code) + ",\"";
    if (is_utf8(reason)) {
        append_escaped(frame, reason);
    } else {
        append_escaped(frame, replace_invalid_utf8(reason));
    }
    frame.append("\"]");
    return frame;
}

std::string as_script_string(std::string_view frame, script_host host) {
    // Control characters and line separators have been escaped in the frame already.
    std::string out;
    out.reserve(frame.size() + frame.size() / 4 + 16);
    out.push_back('"');
    for (char const c : frame) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '<' && host == script_host::html) {
            append_unicode_escape(out, '<');
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
    return out;
}

}  // namespace broker::transport::sockjs
