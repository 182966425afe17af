#pragma once

#include "stomp/frame_parser.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests of stomp/ share: reading a byte string in chosen pieces, as plain text to compare.

namespace stomp::test {

using namespace std::string_literals;
using namespace std::string_view_literals;

// One entry per outcome, need_more left out and neighbouring heart-beats taken as one, since their
// number depends on how the bytes arrive. A frame is shown as COMMAND[name=value]{body}.
using transcript = std::vector<std::string>;

inline std::string show(frame const& f) {
    auto text = std::string(to_string(f.command)) + '[';
    for (auto const& h : f.headers) {
        if (text.back() != '[') text += '|';
        text.append(h.name).append("=").append(h.value);
    }
    return text.append("]{").append(f.body).append("}");
}

inline std::string show(parse_error const& e) {
    return "! " + e.describe();
}

inline void note(transcript& out, outcome const& o) {
    if (auto const* f = std::get_if<frame>(&o)) out.push_back(show(*f));
    if (auto const* e = std::get_if<parse_error>(&o)) out.push_back(show(*e));
    if (std::holds_alternative<heart_beat>(o) && (out.empty() || out.back() != "~")) {
        out.push_back("~");
    }
}

// A parser fed with pieces. Each piece lies in memory of its own, exactly as long and freed at
// once, so that the address sanitizer sees a view that outlives its bytes.
class reader {
public:
    explicit reader(std::optional<version> v = version::v1_2, limits const& bounds = {})
        : bounds_(bounds) {
        if (v) parser_.set_version(*v);
    }

    reader& feed(std::string_view piece) {
        auto const memory = std::make_unique<char[]>(piece.size());
        std::ranges::copy(piece, memory.get());
        auto input = std::span(memory.get(), piece.size());
        while (!failed_) {
            auto const got = parser_.next(input, scratch_, bounds_);
            note(seen_, got);
            failed_ = std::holds_alternative<parse_error>(got);
            if (std::holds_alternative<need_more>(got)) break;
        }
        return *this;
    }

    reader& end_message() {
        note(seen_, parser_.finish_message(scratch_));
        return *this;
    }

    reader& set_version(version v) {
        parser_.set_version(v);
        return *this;
    }

    transcript const& seen() const { return seen_; }
    frame_parser const& parser() const { return parser_; }

private:
    limits bounds_;
    frame_parser parser_;
    header_scratch scratch_;
    transcript seen_;
    bool failed_ = false;
};

inline transcript read(std::string_view bytes, std::optional<version> v = version::v1_2,
                       limits const& bounds = {}) {
    return reader(v, bounds).feed(bytes).seen();
}

inline transcript read_byte_by_byte(std::string_view bytes,
                                    std::optional<version> v = version::v1_2,
                                    limits const& bounds = {}) {
    reader r(v, bounds);
    for (std::size_t i = 0; i < bytes.size(); ++i) r.feed(bytes.substr(i, 1));
    return r.seen();
}

}  // namespace stomp::test
