#include "broker/transport/http_body.hpp"

#include "broker/hex_digit.hpp"

#include <algorithm>

namespace broker::transport {
namespace {

// Of all extensions and trailers of a body: nobody reads them.
constexpr std::size_t most_skipped = 16'384;
constexpr std::uint64_t highest_shift = UINT64_MAX >> 4U;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
}

}  // namespace

http_body::http_body(framing how, std::uint64_t length, std::size_t limit)
    : how_(how), room_(limit) {
    switch (how) {
        case framing::none: return;
        case framing::length:
            left_ = length;
            state_ = length > limit ? state::too_large : length == 0 ? state::done : state::data;
            return;
        case framing::chunked: state_ = state::size_begin; return;
        case framing::to_end: state_ = state::data; return;
    }
}

bool http_body::may_end() const noexcept {
    return state_ == state::done || (how_ == framing::to_end && state_ == state::data);
}

http_body::status http_body::feed(std::span<char const>& input, std::string& body) {
    while (!input.empty() && state_ < state::done) {
        if (state_ == state::data) {
            feed_data(input, body);
            continue;
        }
        state_ = next(input.front());
        input = input.subspan(1);
    }
    switch (state_) {
        case state::done: return status::complete;
        case state::too_large: return status::too_large;
        case state::malformed: return status::malformed;
        default: return status::need_more;
    }
}

void http_body::feed_data(std::span<char const>& input, std::string& body) {
    if (how_ == framing::to_end) left_ = UINT64_MAX;
    auto const some = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), left_));
    if (some > room_) {
        state_ = state::too_large;
        return;
    }
    body.append(input.data(), some);
    input = input.subspan(some);
    left_ -= some;
    room_ -= some;
    if (left_ == 0) state_ = how_ == framing::chunked ? state::data_return : state::done;
}

http_body::state http_body::next(char c) {
    switch (state_) {
        case state::size_begin:
            left_ = 0;
            return hex_value(c) < 0 ? state::malformed : size_digit(c);
        case state::size: return size_digit(c);
        case state::extension_or_blank:
            return c == ';' || is_blank(c) || c == '\r'
                       ? skipped(c, c == ';' ? state::extension : state_, state::size_end)
                       : state::malformed;
        case state::extension: return skipped(c, state_, state::size_end);
        case state::size_end: return c == '\n' ? chunk_begins() : state::malformed;
        case state::data_return: return c == '\r' ? state::data_end : state::malformed;
        case state::data_end: return c == '\n' ? state::size_begin : state::malformed;
        case state::trailer_begin:
            return c == '\r' ? state::last_end : skipped(c, state::trailer, state::malformed);
        case state::trailer: return skipped(c, state_, state::trailer_end);
        case state::trailer_end: return c == '\n' ? state::trailer_begin : state::malformed;
        case state::last_end: return c == '\n' ? state::done : state::malformed;
        case state::data:
        case state::done:
        case state::too_large:
        case state::malformed: break;
    }
    return state_;
}

http_body::state http_body::size_digit(char c) {
    auto const digit = hex_value(c);
    if (digit >= 0) {
        if (left_ > highest_shift) return state::too_large;
        left_ = left_ << 4U | static_cast<unsigned>(digit);
        return state::size;
    }
    if (c == '\r') return state::size_end;
    if (c != ';' && !is_blank(c)) return state::malformed;
    return skipped(c, c == ';' ? state::extension : state::extension_or_blank, state::size_end);
}

http_body::state http_body::chunk_begins() const {
    if (left_ == 0) return state::trailer_begin;
    return left_ > room_ ? state::too_large : state::data;
}

http_body::state http_body::skipped(char c, state same, state at_end) {
    if (c == '\r') return at_end;
    if (is_control(c) || ++skipped_ > most_skipped) return state::malformed;
    return same;
}

}  // namespace broker::transport
