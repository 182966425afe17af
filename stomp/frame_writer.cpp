#include "stomp/frame_writer.hpp"

#include <algorithm>
#include <charconv>

namespace stomp {
namespace {

constexpr std::string_view content_length = "content-length";

// The longest decimal std::size_t, and room for the rest of a frame's fixed parts.
constexpr std::size_t digits = 20;
constexpr std::size_t fixed_size = longest_command + content_length.size() + digits + 8;

void append_name(std::string& out, version v, std::string_view name) {
    // Where ':' has no escape, a name with one would turn into another name.
    if (v == version::v1_0 && name.find(':') != std::string_view::npos) {
        for (auto const c : name) append_escaped(out, c == ':' ? " " : std::string_view(&c, 1), v);
        return;
    }
    append_escaped(out, name, v);
}

}  // namespace

void append_command(std::string& out, command c) {
    out += to_string(c);
    out += '\n';
}

void append_header(std::string& out, version v, command c, header_view h) {
    if (h.name.empty()) return;
    if (is_handshake(c)) {
        append_unescaped(out, h.name);
        out += ':';
        append_unescaped(out, h.value);
    } else {
        append_name(out, v, h.name);
        out += ':';
        append_escaped(out, h.value, v);
    }
    out += '\n';
}

void append_end(std::string& out, std::string_view body) {
    if (!body.empty()) {
        char number[digits];
        auto const end = std::to_chars(number, number + digits, body.size()).ptr;
        out += content_length;
        out += ':';
        out.append(number, end);
        out += '\n';
    }
    out += '\n';
    out += body;
    out += '\0';
}

void write_frame(std::string& out, version v, command c, std::span<header_view const> headers,
                 std::string_view body) {
    auto size = out.size() + fixed_size + body.size();
    for (auto const& h : headers) size += h.name.size() + h.value.size() + 2;
    if (size > out.capacity()) out.reserve(std::max(size, 2 * out.capacity()));

    append_command(out, c);
    for (auto const& h : headers) {
        if (h.name != content_length) append_header(out, v, c, h);
    }
    append_end(out, body);
}

void write_frame(std::string& out, version v, command c, std::initializer_list<header_view> headers,
                 std::string_view body) {
    write_frame(out, v, c, std::span(headers.begin(), headers.size()), body);
}

void write_error(std::string& out, version v, error_content const& content) {
    append_command(out, command::error);
    append_header(out, v, command::error, {"message", content.message});
    if (content.receipt_id)
        append_header(out, v, command::error, {"receipt-id", *content.receipt_id});
    for (auto const& h : content.more) append_header(out, v, command::error, h);
    if (!content.details.empty()) {
        append_header(out, v, command::error, {"content-type", "text/plain"});
    }
    append_end(out, content.details);
}

}  // namespace stomp
