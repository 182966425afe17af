#include "broker/message.hpp"

#include "stomp/escape.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <vector>

// A message made again from the tail that another node wrote.

namespace broker {
namespace {

using stomp::header_view;

// The header lines of a tail, still escaped, and its body.
struct tail_view {
    std::vector<header_view> headers;
    std::string_view body;
    bool escaped = false;
};

bool is_number(std::string_view text, std::uint64_t expected) {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value == expected &&
           (text.size() == 1 || text.front() != '0');
}

std::optional<tail_view> take_apart(std::string_view tail) {
    constexpr auto line_limit = std::numeric_limits<std::uint32_t>::max();
    if (tail.empty() || tail.back() != '\0') return std::nullopt;
    tail.remove_suffix(1);
    tail_view view;
    for (;;) {
        auto const end = tail.find('\n');
        if (end > line_limit) return std::nullopt;  // npos, too
        auto const line = tail.substr(0, end);
        tail.remove_prefix(end + 1);
        if (line.empty()) break;
        auto const colon = line.find(':');
        // What a version 1.2 header cannot hold unescaped.
        if (colon == std::string_view::npos) return std::nullopt;
        if (line.find(':', colon + 1) != std::string_view::npos) return std::nullopt;
        for (char const c : line) {
            if (c == '\0' || c == '\r') return std::nullopt;
            if (c == '\\') view.escaped = true;
        }
        if (view.escaped && stomp::has_undefined_escape(line, stomp::version::v1_2)) {
            return std::nullopt;
        }
        view.headers.push_back({line.substr(0, colon), line.substr(colon + 1)});
    }
    view.body = tail;
    return view;
}

// In the order in which a message writes what it writes by itself; gives where the others begin.
std::optional<std::size_t> own_headers(tail_view const& view, std::uint64_t seq) {
    auto const& h = view.headers;
    if (h.size() < 2 || h[0].name != "message-id" || h[1].name != "destination") {
        return std::nullopt;
    }
    std::size_t first_other = 2;
    if (seq != 0) {
        if (h.size() < 3 || h[2].name != "seq" || !is_number(h[2].value, seq)) return std::nullopt;
        first_other = 3;
    }
    if (!view.body.empty() && (h.size() == first_other || h.back().name != "content-length" ||
                               !is_number(h.back().value, view.body.size()))) {
        return std::nullopt;
    }
    return first_other;
}

std::string plain(std::string_view escaped) {
    std::string text(escaped);
    text.resize(stomp::unescape_in_place(text.data(), text.size(), stomp::version::v1_2).size());
    return text;
}

}  // namespace

message_ptr message::from_tail(std::string_view tail, std::uint64_t seq, bool ephemeral,
                               steady_time received) {
    auto const view = take_apart(tail);
    if (!view) return nullptr;
    auto const first_other = own_headers(*view, seq);
    if (!first_other) return nullptr;
    auto const& headers = view->headers;

    if (!view->escaped) {
        auto const sizes =
            tail_sizes{static_cast<std::uint32_t>(headers[0].value.size()),
                       static_cast<std::uint32_t>(headers[1].value.size()), view->body.size()};
        return message_ptr(new message(tail, sizes, seq, ephemeral, received));
    }

    message_fields fields;
    fields.id = plain(headers[0].value);
    fields.destination = plain(headers[1].value);
    fields.seq = seq;
    fields.ephemeral = ephemeral;
    fields.received = received;
    auto const end = headers.size() - (view->body.empty() ? 0 : 1);
    for (auto i = *first_other; i != end; ++i) {
        fields.headers.emplace_back(plain(headers[i].name), plain(headers[i].value));
    }
    fields.body = std::string(view->body);
    return std::make_shared<message const>(fields);
}

}  // namespace broker
