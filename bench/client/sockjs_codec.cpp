#include "bench/client/sockjs_codec.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace bench {
namespace {

constexpr std::uint64_t each = 0x0101010101010101U;
constexpr std::uint64_t high = 0x8080808080808080U;

constexpr std::uint64_t zeros(std::uint64_t word) noexcept {
    return (word - each) & ~word & high;
}

// How many bytes from the start stand for themselves in a JSON string: no quote, backslash or
// control character.
std::size_t plain_run(char const* bytes, std::size_t size) noexcept {
    std::size_t at = 0;
    static_assert(std::endian::native == std::endian::little);
    for (; at + sizeof(std::uint64_t) <= size; at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + at, sizeof word);
        // The lowest mark is right; those above it may be borrows.
        std::uint64_t const special = zeros(word ^ (each * '"')) | zeros(word ^ (each * '\\')) |
                                      ((word - each * 0x20) & ~word & high);
        if (special != 0) return at + static_cast<std::size_t>(std::countr_zero(special)) / 8;
    }
    for (; at < size; ++at) {
        auto const c = static_cast<unsigned char>(bytes[at]);
        if (c == '"' || c == '\\' || c < 0x20) break;
    }
    return at;
}

// -1 when there are no four hex digits.
int hex4(std::string_view text) noexcept {
    if (text.size() < 4) return -1;
    int out = 0;
    for (char const c : text.substr(0, 4)) {
        int const digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return -1;
        out = out * 16 + digit;
    }
    return out;
}

void append_utf8(std::string& out, unsigned code) {
    auto const put = [&out](unsigned octet) { out.push_back(static_cast<char>(octet)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0U | code >> 6);
        put(0x80U | (code & 0x3fU));
    } else if (code < 0x10000) {
        put(0xe0U | code >> 12);
        put(0x80U | (code >> 6 & 0x3fU));
        put(0x80U | (code & 0x3fU));
    } else {
        put(0xf0U | code >> 18);
        put(0x80U | (code >> 12 & 0x3fU));
        put(0x80U | (code >> 6 & 0x3fU));
        put(0x80U | (code & 0x3fU));
    }
}

// Behind "\u"; a surrogate without its other half becomes U+FFFD. False when it is broken.
bool append_unicode_escape(std::string& out, std::string_view& rest) {
    int const first = hex4(rest);
    if (first < 0) return false;
    rest.remove_prefix(4);
    auto code = static_cast<unsigned>(first);
    if (code >= 0xd800 && code <= 0xdfff) {
        int const second = rest.starts_with("\\u") ? hex4(rest.substr(2)) : -1;
        if (code <= 0xdbff && second >= 0xdc00 && second <= 0xdfff) {
            code = 0x10000 + ((code - 0xd800) << 10) + (static_cast<unsigned>(second) - 0xdc00);
            rest.remove_prefix(6);
        } else {
            code = 0xfffd;
        }
    }
    append_utf8(out, code);
    return true;
}

constexpr std::array<char, 128> short_escapes = [] {
    std::array<char, 128> out{};
    out['"'] = '"';
    out['\\'] = '\\';
    out['/'] = '/';
    out['b'] = '\b';
    out['f'] = '\f';
    out['n'] = '\n';
    out['r'] = '\r';
    out['t'] = '\t';
    return out;
}();

}  // namespace

sockjs_frame read_sockjs_frame(std::string_view message, std::string_view& content) noexcept {
    content = {};
    if (message.empty()) return sockjs_frame::nothing;
    content = message.substr(1);
    switch (message[0]) {
        case 'o': return sockjs_frame::open;
        case 'h': return sockjs_frame::heart_beat;
        case 'a':
        case 'm': return sockjs_frame::messages;
        case 'c': return sockjs_frame::close;
        default: return sockjs_frame::broken;
    }
}

std::string describe_sockjs_close(std::string_view content) {
    std::string out;
    auto const first = content.find_first_of("0123456789");
    if (first == std::string_view::npos) return "without a code";
    content.remove_prefix(first);
    auto const end = content.find_first_not_of("0123456789");
    out = content.substr(0, end);
    auto const quote = content.find('"');
    if (quote == std::string_view::npos) return out;
    std::string scratch;
    json_strings reason(content.substr(quote, content.rfind('"') - quote + 1));
    if (auto const text = reason.next(scratch); text && !text->empty()) {
        out.append(" ").append(*text);
    }
    return out;
}

void json_strings::skip_blanks() noexcept {
    auto const first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
}

std::optional<std::string_view> json_strings::fail() noexcept {
    at_ = place::broken;
    return std::nullopt;
}

std::optional<std::string_view> json_strings::next(std::string& scratch) {
    skip_blanks();
    auto const take = [&](char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        skip_blanks();
        return true;
    };
    switch (at_) {
        case place::start:
            if (rest_.starts_with('"')) {
                rest_.remove_prefix(1);
                at_ = place::end;
                return take_string(scratch);
            }
            if (!take('[')) return fail();
            if (take(']')) {
                at_ = place::end;
                return rest_.empty() ? std::nullopt : fail();
            }
            at_ = place::in_array;
            break;
        case place::in_array:
            if (take(']')) {
                at_ = place::end;
                return rest_.empty() ? std::nullopt : fail();
            }
            if (!take(',')) return fail();
            break;
        case place::end: return rest_.empty() ? std::nullopt : fail();
        case place::broken: return std::nullopt;
    }
    if (!rest_.starts_with('"')) return fail();
    rest_.remove_prefix(1);
    return take_string(scratch);
}

std::optional<std::string_view> json_strings::take_string(std::string& scratch) {
    std::size_t const run = plain_run(rest_.data(), rest_.size());
    if (run < rest_.size() && rest_[run] == '"') {
        std::string_view const out = rest_.substr(0, run);
        rest_.remove_prefix(run + 1);
        return out;
    }
    scratch.clear();
    for (;;) {
        std::size_t const size = plain_run(rest_.data(), rest_.size());
        scratch.append(rest_.data(), size);
        rest_.remove_prefix(size);
        if (rest_.empty()) return fail();
        char const c = rest_[0];
        rest_.remove_prefix(1);
        if (c == '"') return std::string_view(scratch);
        if (c != '\\' || rest_.empty()) return fail();
        char const kind = rest_[0];
        rest_.remove_prefix(1);
        if (kind == 'u') {
            if (!append_unicode_escape(scratch, rest_)) return fail();
            continue;
        }
        auto const index = static_cast<unsigned char>(kind);
        if (index >= short_escapes.size() || short_escapes[index] == '\0') return fail();
        scratch.push_back(short_escapes[index]);
    }
}

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    while (!text.empty()) {
        std::size_t const run = plain_run(text.data(), text.size());
        out.append(text.data(), run);
        text.remove_prefix(run);
        if (text.empty()) break;
        auto const c = static_cast<unsigned char>(text[0]);
        text.remove_prefix(1);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(static_cast<char>(c));
        } else if (c == '\n') {
            out.append("\\n");
        } else {
            constexpr std::string_view digits = "0123456789abcdef";
            out.append("\\u00");
            out.push_back(digits[c >> 4]);
            out.push_back(digits[c & 0xfU]);
        }
    }
    out.push_back('"');
}

void append_sockjs_message(std::string& out, std::string_view text) {
    out.push_back('[');
    append_json_string(out, text);
    out.push_back(']');
}

}  // namespace bench
