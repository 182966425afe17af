#include "broker/transport/sockjs/url.hpp"

#include "broker/hex_digit.hpp"

#include <algorithm>
#include <cstddef>

namespace broker::transport::sockjs {
namespace {

// Session ids are the client's choice; a sane one is 8 to 36 characters.
constexpr std::size_t max_segment_bytes = 256;

constexpr bool is_iframe_page(std::string_view name) noexcept {
    constexpr std::string_view stem = "iframe";
    constexpr std::string_view extension = ".html";
    if (name.size() < stem.size() + extension.size()) return false;
    if (!name.starts_with(stem) || !name.ends_with(extension)) return false;
    name.remove_prefix(stem.size());
    name.remove_suffix(extension.size());
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

constexpr bool is_segment(std::string_view text) noexcept {
    return !text.empty() && text.size() <= max_segment_bytes && text.find('.') == text.npos;
}

constexpr service_url at(place where) noexcept {
    return {where, {}, {}};
}

std::string form_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out.push_back(' ');
        } else if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                   hex_value(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

}  // namespace

service_url parse_url(std::string_view rest) noexcept {
    if (rest.empty() || rest == "/") return at(place::greeting);
    if (rest.front() != '/') return {};
    rest.remove_prefix(1);

    auto const first_slash = rest.find('/');
    if (first_slash == rest.npos) {
        if (rest == "info") return at(place::info);
        if (rest == "websocket") return at(place::raw_websocket);
        if (is_iframe_page(rest)) return at(place::iframe);
        return {};
    }
    auto const second_slash = rest.find('/', first_slash + 1);
    if (second_slash == rest.npos) return {};
    auto const server = rest.substr(0, first_slash);
    auto const session = rest.substr(first_slash + 1, second_slash - first_slash - 1);
    if (!is_segment(server) || !is_segment(session)) return {};
    return {
        .where = place::session, .session_id = session, .transport = rest.substr(second_slash + 1)};
}

std::optional<std::string> form_value(std::string_view form, std::string_view name) {
    while (!form.empty()) {
        auto const pair = form.substr(0, form.find('&'));
        form.remove_prefix(std::min(form.size(), pair.size() + 1));
        auto const equals = pair.find('=');
        if (pair.substr(0, equals) != name) continue;
        return equals == pair.npos ? std::string() : form_decode(pair.substr(equals + 1));
    }
    return std::nullopt;
}

}  // namespace broker::transport::sockjs
