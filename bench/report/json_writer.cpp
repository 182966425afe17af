#include "bench/report/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace bench {
namespace {

// The length of the UTF-8 sequence at the front of `text`; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    unsigned char const lead = byte(0);
    if (lead < 0x80) return 1;
    std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    // Overlong forms, surrogates, and what is beyond U+10FFFF.
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
        (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) {
        return 0;
    }
    return length;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t const length = sequence_length(text);
        char const one = text.front();
        if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else if (one == '"' || one == '\\') {
            out += '\\';
            out += one;
        } else if (one == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(one) < 0x20 || one == 0x7F || one == '<') {
            // '<' so that the text may stand in a page's <script>.
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(one));
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out += '"';
}

}  // namespace

void json_writer::new_line() {
    out_ += '\n';
    out_.append(2 * open_.size(), ' ');
}

void json_writer::before_item() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (open_.empty()) return;
    bool const in_array = open_.back() == '[';
    if (!first_) out_ += in_array ? ", " : ",";
    first_ = false;
    if (!in_array) new_line();
}

json_writer& json_writer::open(char bracket) {
    before_item();
    out_ += bracket;
    open_ += bracket;
    first_ = true;
    return *this;
}

json_writer& json_writer::close(char bracket) {
    bool const empty = first_;
    open_.pop_back();
    if (bracket == '}' && !empty) new_line();
    out_ += bracket;
    first_ = false;
    if (open_.empty()) out_ += '\n';
    return *this;
}

json_writer& json_writer::key(std::string_view name) {
    before_item();
    append_quoted(out_, name);
    out_ += ": ";
    after_key_ = true;
    return *this;
}

json_writer& json_writer::raw(std::string_view text) {
    before_item();
    out_ += text;
    return *this;
}

json_writer& json_writer::value(std::string_view text) {
    before_item();
    append_quoted(out_, text);
    return *this;
}

json_writer& json_writer::value(bool truth) {
    return raw(truth ? "true" : "false");
}

json_writer& json_writer::value(double number) {
    if (!std::isfinite(number)) return null();
    std::array<char, 32> digits;
    // Nine digits say all that was measured, and 0.1 stays 0.1.
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                   std::chars_format::general, 9);
    return raw({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
}

}  // namespace bench
