#include "broker/transport/sockjs/frame_decoder.hpp"

#include "broker/hex_digit.hpp"
#include "broker/transport/sockjs/byte_scan.hpp"

#include <cstring>
#include <optional>

namespace broker::transport::sockjs {
namespace {

constexpr unsigned replacement_character = 0xFFFD;

constexpr bool is_high_surrogate(unsigned unit) {
    return unit >= 0xD800 && unit <= 0xDBFF;
}
constexpr bool is_low_surrogate(unsigned unit) {
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

// Writes over what has been read: `out` never overtakes `at`.
class text_cursor {
public:
    explicit text_cursor(std::span<char> payload)
        : at_(payload.data()), end_(payload.data() + payload.size()) {}

    bool at_end() const { return at_ == end_; }

    void skip_white_space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
    }

    bool skip(char expected) {
        if (at_ == end_ || *at_ != expected) return false;
        ++at_;
        return true;
    }

    bool sees(char expected) const { return at_ != end_ && *at_ == expected; }

    // A JSON string from its opening quote; nullopt if it is malformed.
    std::optional<std::span<char>> read_string() {
        if (!skip('"')) return std::nullopt;
        char* const begin = at_;
        out_ = at_;
        while (true) {
            move_plain_run();
            if (at_ == end_) return std::nullopt;
            if (*at_ == '"') {
                ++at_;
                return std::span<char>(begin, out_);
            }
            if (*at_ != '\\') return std::nullopt;  // a bare control character
            ++at_;
            if (!read_escape()) return std::nullopt;
        }
    }

private:
    void move_plain_run() {
        auto const length = find_stop<decoder_stops>(at_, end_) - at_;
        if (out_ != at_) std::memmove(out_, at_, static_cast<std::size_t>(length));
        out_ += length;
        at_ += length;
    }

    bool read_escape() {
        if (at_ == end_) return false;
        switch (*at_++) {
            case '"': *out_++ = '"'; return true;
            case '\\': *out_++ = '\\'; return true;
            case '/': *out_++ = '/'; return true;
            case 'b': *out_++ = '\b'; return true;
            case 'f': *out_++ = '\f'; return true;
            case 'n': *out_++ = '\n'; return true;
            case 'r': *out_++ = '\r'; return true;
            case 't': *out_++ = '\t'; return true;
            case 'u': return read_unicode_escape();
            default: return false;
        }
    }

    bool read_unicode_escape() {
        auto const unit = read_hex4();
        if (!unit) return false;
        if (!is_high_surrogate(*unit)) {
            write(is_low_surrogate(*unit) ? replacement_character : *unit);
            return true;
        }
        char* const before = at_;
        if (skip('\\') && skip('u')) {
            auto const low = read_hex4();
            if (!low) return false;
            if (is_low_surrogate(*low)) {
                write(0x10000U + ((*unit - 0xD800U) << 10U) + (*low - 0xDC00U));
                return true;
            }
        }
        at_ = before;  // what follows stands for itself
        write(replacement_character);
        return true;
    }

    std::optional<unsigned> read_hex4() {
        if (end_ - at_ < 4) return std::nullopt;
        unsigned value = 0;
        for (int i = 0; i < 4; ++i) {
            auto const digit = hex_value(*at_++);
            if (digit < 0) return std::nullopt;
            value = value * 16 + static_cast<unsigned>(digit);
        }
        return value;
    }

    void write(unsigned code_point) {
        auto put = [this](unsigned byte) { *out_++ = static_cast<char>(byte); };
        if (code_point < 0x80) {
            put(code_point);
        } else if (code_point < 0x800) {
            put(0xC0U | (code_point >> 6U));
            put(0x80U | (code_point & 0x3FU));
        } else if (code_point < 0x10000) {
            put(0xE0U | (code_point >> 12U));
            put(0x80U | ((code_point >> 6U) & 0x3FU));
            put(0x80U | (code_point & 0x3FU));
        } else {
            put(0xF0U | (code_point >> 18U));
            put(0x80U | ((code_point >> 12U) & 0x3FU));
            put(0x80U | ((code_point >> 6U) & 0x3FU));
            put(0x80U | (code_point & 0x3FU));
        }
    }

    char* at_;
    char* end_;
    char* out_ = nullptr;
};

decode_status read_array(text_cursor& cursor, std::vector<std::span<char>>& messages) {
    cursor.skip('[');
    cursor.skip_white_space();
    if (cursor.skip(']')) return decode_status::ok;
    while (true) {
        cursor.skip_white_space();
        auto const text = cursor.read_string();
        if (!text) return decode_status::broken;
        if (messages.size() == max_messages_per_payload) return decode_status::too_many_messages;
        messages.push_back(*text);
        cursor.skip_white_space();
        if (cursor.skip(']')) return decode_status::ok;
        if (!cursor.skip(',')) return decode_status::broken;
    }
}

decode_status read_payload(text_cursor& cursor, payload_form form,
                           std::vector<std::span<char>>& messages) {
    cursor.skip_white_space();
    if (cursor.at_end()) return decode_status::empty;
    auto status = decode_status::ok;
    if (cursor.sees('[')) {
        status = read_array(cursor, messages);
    } else {
        auto const text = cursor.read_string();
        if (!text) return decode_status::broken;
        messages.push_back(*text);
        if (form == payload_form::array) status = decode_status::not_an_array;
    }
    cursor.skip_white_space();
    if (status != decode_status::too_many_messages && !cursor.at_end())
        return decode_status::broken;
    return status;
}

}  // namespace

decode_status decode_messages(std::span<char> payload, payload_form form,
                              std::vector<std::span<char>>& messages) {
    messages.clear();
    text_cursor cursor(payload);
    auto const status = read_payload(cursor, form, messages);
    if (status != decode_status::ok) messages.clear();
    return status;
}

}  // namespace broker::transport::sockjs
