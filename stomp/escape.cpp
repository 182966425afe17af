#include "stomp/escape.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace stomp {
namespace {

// What an octet becomes on the wire, by version.
struct spelling {
    char escape = 0;         // the letter after the backslash; 0: none
    bool forbidden = false;  // becomes a space
    bool plain() const noexcept { return escape == 0 && !forbidden; }
};

using spelling_table = std::array<spelling, 256>;

constexpr spelling_table make_table(version v) {
    spelling_table table{};
    table['\0'].forbidden = true;
    if (v == version::v1_0) {
        table['\n'].forbidden = true;
        return table;
    }
    table['\n'].escape = 'n';
    table[':'].escape = 'c';
    table['\\'].escape = '\\';
    if (v == version::v1_2) table['\r'].escape = 'r';
    return table;
}

constexpr spelling_table tables[] = {make_table(version::v1_0), make_table(version::v1_1),
                                     make_table(version::v1_2)};

constexpr spelling_table handshake_table = [] {
    auto table = make_table(version::v1_0);
    table['\r'].forbidden = true;
    return table;
}();

spelling_table const& table_of(version v) noexcept {
    return tables[static_cast<std::size_t>(v)];
}

// What `\letter` stands for; 0 if it is undefined.
char meaning(char letter, version v) noexcept {
    switch (letter) {
        case 'n': return '\n';
        case 'c': return ':';
        case '\\': return '\\';
        case 'r': return v == version::v1_2 ? '\r' : '\0';
        default: return '\0';
    }
}

char const* first_special(char const* from, char const* end, spelling_table const& table) noexcept {
    return std::find_if(from, end,
                        [&table](char c) { return !table[static_cast<unsigned char>(c)].plain(); });
}

void append_by_table(std::string& out, std::string_view value, spelling_table const& table) {
    auto const* from = value.data();
    auto const* const end = from + value.size();
    for (;;) {
        auto const* const special = first_special(from, end, table);
        out.append(from, special);
        if (special == end) return;
        auto const& how = table[static_cast<unsigned char>(*special)];
        if (how.forbidden) {
            out += ' ';
        } else {
            out += '\\';
            out += how.escape;
        }
        from = special + 1;
    }
}

}  // namespace

bool has_undefined_escape(std::string_view text, version v) noexcept {
    if (v == version::v1_0) return false;
    for (auto at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 2)) {
        if (at + 1 == text.size() || meaning(text[at + 1], v) == '\0') return true;
    }
    return false;
}

std::string_view unescape_in_place(char* text, std::size_t size, version v) noexcept {
    auto* const end = text + size;
    if (v == version::v1_0) return {text, size};
    auto* read = static_cast<char*>(std::memchr(text, '\\', size));
    if (!read) return {text, size};
    auto* write = read;
    while (read != end) {
        if (*read != '\\') {
            *write++ = *read++;
            continue;
        }
        *write++ = meaning(read[1], v);
        read += 2;
    }
    return {text, static_cast<std::size_t>(write - text)};
}

bool needs_escaping(std::string_view value, version v) noexcept {
    auto const* const end = value.data() + value.size();
    return first_special(value.data(), end, table_of(v)) != end;
}

void append_escaped(std::string& out, std::string_view value, version v) {
    append_by_table(out, value, table_of(v));
}

void append_unescaped(std::string& out, std::string_view value) {
    append_by_table(out, value, handshake_table);
}

}  // namespace stomp
