#include "chat/json/object_writer.hpp"

#include <array>
#include <charconv>

namespace chat::json {
namespace {

// For each byte: 0 when it stands for itself, else the letter of its escape ('u': by number).
constexpr auto escapes = [] {
    std::array<char, 256> table{};
    for (std::size_t control = 0; control < 0x20; ++control) table[control] = 'u';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    table['"'] = '"';
    table['\\'] = '\\';
    return table;
}();

void put_digits(char* place, unsigned number, int digits) {
    for (auto i = digits - 1; i >= 0; --i, number /= 10)
        place[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out.push_back('"');
    std::size_t plain_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const byte = static_cast<unsigned char>(text[i]);
        auto const escape = escapes[byte];
        if (escape == 0) continue;
        out.append(text, plain_from, i - plain_from);
        plain_from = i + 1;
        out.push_back('\\');
        out.push_back(escape);
        if (escape == 'u') {
            constexpr std::string_view hex = "0123456789abcdef";
            out.append("00");
            out.push_back(hex[byte >> 4U]);
            out.push_back(hex[byte & 0xFU]);
        }
    }
    out.append(text, plain_from);
    out.push_back('"');
}

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits;
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_time(std::string& out, timestamp when) {
    auto const day = std::chrono::floor<std::chrono::days>(when);
    std::chrono::year_month_day const date(day);
    auto const millis = static_cast<unsigned>((when - day).count());

    std::array<char, 26> text{"\"0000-00-00T00:00:00.000Z"};
    text[25] = '"';
    put_digits(&text[1], static_cast<unsigned>(static_cast<int>(date.year())), 4);
    put_digits(&text[6], static_cast<unsigned>(date.month()), 2);
    put_digits(&text[9], static_cast<unsigned>(date.day()), 2);
    put_digits(&text[12], millis / 3'600'000, 2);
    put_digits(&text[15], millis / 60'000 % 60, 2);
    put_digits(&text[18], millis / 1000 % 60, 2);
    put_digits(&text[21], millis % 1000, 3);
    out.append(text.data(), text.size());
}

std::string& object_writer::key(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_.push_back('"');
    out_.append(name);
    out_.append("\":");
    return out_;
}

object_writer& object_writer::foreign_field(std::string_view name, std::string_view text) {
    if (!first_) out_.push_back(',');
    first_ = false;
    append_string(out_, name);
    out_.push_back(':');
    append_string(out_, text);
    return *this;
}

}  // namespace chat::json
