#include "stomp/head_reader.hpp"

#include "stomp/escape.hpp"
#include "stomp/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#if defined(__SSE2__)
#include <emmintrin.h>

#include <bit>
#endif

namespace stomp::detail {
namespace {

std::string_view trim_padding(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return text.substr(0, 0);
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> find(std::vector<header_view> const& headers,
                                     std::string_view name) noexcept {
    return frame{.headers = headers}.find(name);
}

// Before negotiation a CONNECT that asks for nothing above 1.0, and a CONNECTED that grants no
// more, is itself a frame of 1.0.
version version_of(head_reader const& reader, std::vector<header_view> const& headers) {
    if (reader.negotiated()) return *reader.negotiated();
    if (!is_handshake(reader.command())) return reader.rules();
    auto const granted = reader.command() == command::connected;
    auto const known = negotiate(find(headers, granted ? "version" : "accept-version"));
    return known ? *known : reader.rules();
}

}  // namespace

// Looks at frame[scanned_, end) and answers where the line's LF (or a NUL) is, or nowhere.
std::size_t head_reader::scan_line(char const* frame, std::size_t end) noexcept {
    auto at = scanned_;
#if defined(__SSE2__)
    auto const lf = _mm_set1_epi8('\n');
    auto const nul = _mm_setzero_si128();
    auto const colon = _mm_set1_epi8(':');
    auto const backslash = _mm_set1_epi8('\\');
    for (; at + 16 <= end; at += 16) {
        auto const block = _mm_loadu_si128(reinterpret_cast<__m128i const*>(frame + at));
        auto const mask = [](__m128i matches) {
            return static_cast<unsigned>(_mm_movemask_epi8(matches));
        };
        auto const ends = mask(_mm_or_si128(_mm_cmpeq_epi8(block, lf), _mm_cmpeq_epi8(block, nul)));
        auto const line =
            ends ? (ends & (0u - ends)) - 1 : 0xffffu;  // what is before the line's end
        auto const colons = mask(_mm_cmpeq_epi8(block, colon)) & line;
        if (colons && colon_ == nowhere) colon_ = at + std::countr_zero(colons);
        line_has_backslash_ |= (mask(_mm_cmpeq_epi8(block, backslash)) & line) != 0;
        has_high_bit_ |= (mask(block) & line) != 0;
        if (ends) return scanned_ = at + std::countr_zero(ends);
    }
#endif
    for (; at < end; ++at) {
        auto const c = frame[at];
        if (c == '\n' || c == '\0') return scanned_ = at;
        if (c == ':' && colon_ == nowhere) colon_ = at;
        line_has_backslash_ |= c == '\\';
        has_high_bit_ |= (c & 0x80) != 0;
    }
    scanned_ = at;
    return nowhere;
}

head_reader::progress head_reader::advance(char const* frame, std::size_t size,
                                           limits const& bounds,
                                           std::vector<header_view>& headers) {
    for (;;) {
        // Look no further than the limits allow: past the longest line only LF may stand (or CR
        // LF).
        auto const longest = has_command_ ? bounds.max_header_line : longest_command;
        auto const room = std::min(longest, nowhere / 2) + (accepts_crlf() ? 2 : 1);
        auto const end = std::min({size, line_begin_ + room, bounds.max_headers_total});

        auto const eol = scan_line(frame, end);
        if (eol == nowhere) {
            if (end == size) return incomplete{};
            return overlong(frame, end, bounds);
        }
        if (frame[eol] == '\0') return parse_error{.code = errc::nul_in_head};

        auto line = std::string_view(frame + line_begin_, eol - line_begin_);
        if (accepts_crlf() && line.ends_with('\r')) line.remove_suffix(1);
        if (has_command_ && line.empty()) return complete{eol + 1};
        if (auto error = accept_line(line, bounds, headers)) return *error;

        line_begin_ = scanned_ = eol + 1;
        colon_ = nowhere;
        has_backslash_ |= line_has_backslash_;
        line_has_backslash_ = false;
    }
}

std::optional<parse_error> head_reader::accept_line(std::string_view line, limits const& bounds,
                                                    std::vector<header_view>& headers) {
    if (!has_command_) {
        auto const parsed = parse_command(line);
        if (!parsed) return parse_error{.code = errc::unknown_command, .subject = line};
        command_ = *parsed;
        has_command_ = true;
        return std::nullopt;
    }

    auto const name_size = colon_ == nowhere ? line.size() : colon_ - line_begin_;
    auto const name = line.substr(0, name_size);
    if (line.size() > bounds.max_header_line) {
        return parse_error{errc::header_line_too_long, name, bounds.max_header_line};
    }
    if (header_count_ == bounds.max_header_count) {
        return parse_error{errc::too_many_headers, name, bounds.max_header_count};
    }
    if (colon_ == nowhere || name.empty()) return parse_error{errc::malformed_header, line};
    auto const value = line.substr(name_size + 1);
    if (line_has_backslash_ && unescapes() &&
        (has_undefined_escape(name, rules()) || has_undefined_escape(value, rules()))) {
        return parse_error{errc::undefined_escape, name};
    }
    ++header_count_;
    headers.push_back({name, value});
    return std::nullopt;
}

parse_error head_reader::overlong(char const* frame, std::size_t end,
                                  limits const& bounds) const noexcept {
    if (end == bounds.max_headers_total) {
        return {.code = errc::headers_too_large, .limit = bounds.max_headers_total};
    }
    auto const line = std::string_view(frame + line_begin_, end - line_begin_);
    if (!has_command_) return {.code = errc::unknown_command, .subject = line};
    return {errc::header_line_too_long,
            line.substr(0, colon_ == nowhere ? line.size() : colon_ - line_begin_),
            bounds.max_header_line};
}

std::string_view head_reader::find_receipt(char* frame) const noexcept {
    if (!has_command_ || is_handshake(command_)) return {};
    auto lines = std::string_view(frame, line_begin_);
    for (lines.remove_prefix(lines.find('\n') + 1); !lines.empty();
         lines.remove_prefix(lines.find('\n') + 1)) {
        auto line = lines.substr(0, lines.find('\n'));
        if (accepts_crlf() && line.ends_with('\r')) line.remove_suffix(1);
        auto const colon = line.find(':');
        auto name = line.substr(0, colon);
        auto value = line.substr(colon + 1);
        if (rules() == version::v1_0) {
            name = trim_padding(name);
            value = trim_padding(value);
        }
        if (name != "receipt") continue;
        // It goes back to the client in a header, and a header is UTF-8.
        if (!is_valid_utf8(value)) return {};
        if (!unescapes()) return value;
        return unescape_in_place(frame + (value.data() - frame), value.size(), rules());
    }
    return {};
}

std::variant<body_plan, parse_error> finish_head(head_reader const& reader, std::string_view head,
                                                 limits const& bounds,
                                                 std::vector<header_view>& headers) {
    if (reader.has_high_bit() && !is_valid_utf8(head)) return parse_error{errc::head_not_utf8};

    auto const v = version_of(reader, headers);
    if (v == version::v1_0) {
        for (auto& h : headers) {
            h = {trim_padding(h.name), trim_padding(h.value)};
            if (h.name.empty()) return parse_error{errc::malformed_header, h.value};
        }
    }

    body_plan plan;
    plan.allowed = v == version::v1_0 || rule_of(reader.command()).may_have_body;
    auto const length = find(headers, "content-length");
    if (!length) return plan;

    std::size_t number = 0;
    auto const* const last = length->data() + length->size();
    auto const [end, error] = std::from_chars(length->data(), last, number);
    if (end != last || error == std::errc::invalid_argument) {
        return parse_error{errc::invalid_content_length, *length};
    }
    auto const too_large = error == std::errc::result_out_of_range || number > bounds.max_body;
    if (number != 0 && !plan.allowed) {
        return parse_error{errc::body_not_allowed, to_string(reader.command())};
    }
    if (too_large) return parse_error{errc::body_too_large, {}, bounds.max_body};
    plan.content_length = number;
    return plan;
}

void unescape_headers(std::vector<header_view>& headers, version v) noexcept {
    // The views lie in a buffer of ours or the caller's mutable input; only the view type is const.
    auto const resolve = [v](std::string_view text) {
        return unescape_in_place(const_cast<char*>(text.data()), text.size(), v);
    };
    for (auto& h : headers) h = {resolve(h.name), resolve(h.value)};
}

}  // namespace stomp::detail
