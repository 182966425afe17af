#include "node/console/trace_line.hpp"

#include "chat/json/object_writer.hpp"

#include <algorithm>
#include <array>

namespace node::console {
namespace {

// Of one value; what stands behind it is cut.
constexpr std::size_t longest_value = 1024;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool is_token_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '=';
}

// How an object of JSON begins in base64: its brace, and a quote, a blank or a line end.
bool begins_as_json(std::string_view text) {
    static constexpr std::array<std::string_view, 6> beginnings{"eyJ", "eyI", "eyA",
                                                                "ewo", "ew0", "ewk"};
    return std::ranges::find(beginnings, text.substr(0, 3)) != beginnings.end();
}

// Three parts of base64 with two points between, the first of which begins as JSON does.
bool has_token(std::string_view value) {
    auto next = value.begin();
    for (;;) {
        auto const begin = std::find(next, value.end(), 'e');
        if (begin == value.end()) return false;
        next = begin + 1;
        if (!begins_as_json({begin, value.end()})) continue;
        auto const end = std::find_if_not(begin, value.end(),
                                          [](char c) { return c == '.' || is_token_letter(c); });
        if (std::count(begin, end, '.') >= 2) return true;
        next = end;  // whatever else begins before it has no more points
    }
}

// Not in the middle of a character.
std::string_view shortened(std::string_view text) {
    if (text.size() <= longest_value) return text;
    auto end = longest_value;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

}  // namespace

bool is_secret_name(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 10> marks{
        "passcode", "password", "passwd", "authorization", "token",
        "secret",   "cookie",   "apikey", "api-key",       "credential"};
    auto const plain = lowered(name);
    return std::ranges::any_of(
        marks, [&plain](std::string_view mark) { return plain.find(mark) != std::string::npos; });
}

bool is_secret_value(std::string_view value) noexcept {
    constexpr std::string_view blanks = " \t";
    auto const begin = std::min(value.find_first_not_of(blanks), value.size());
    auto const scheme = value.substr(begin, value.find_first_of(blanks, begin) - begin);
    bool const has_more = begin + scheme.size() < value.size();
    auto const name = lowered(scheme.substr(0, 8));
    return (has_more && (name == "bearer" || name == "basic")) || has_token(value);
}

std::string trace_line(std::chrono::system_clock::time_point when, broker::seen_frame const& what) {
    std::string out;
    chat::json::object_writer line(out);
    line.field("time", std::chrono::floor<std::chrono::milliseconds>(when))
        .field("session", what.session)
        .field("user", what.user)
        .field("direction", what.incoming ? "in" : "out")
        .field("command", what.command);
    {
        chat::json::object_writer headers(line.key("headers"));
        for (std::size_t i = 0; i < what.headers.size(); ++i) {
            auto const& [name, value] = what.headers[i];
            // The first of a name is the one that counts.
            auto const before = what.headers.first(i);
            if (is_secret_name(name) ||
                std::ranges::find(before, name, &stomp::header_view::name) != before.end()) {
                continue;
            }
            headers.foreign_field(shortened(name), is_secret_value(value)
                                                       ? std::string_view("(hidden)")
                                                       : shortened(value));
        }
        headers.close();
    }
    line.field("bodyBytes", what.body_bytes);
    line.close();
    out += '\n';
    return out;
}

std::string skipped_line(std::uint64_t count) {
    std::string out;
    chat::json::object_writer line(out);
    line.field("skipped", count);
    line.close();
    out += '\n';
    return out;
}

}  // namespace node::console
