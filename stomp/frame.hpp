#pragma once

#include "stomp/command.hpp"

#include <optional>
#include <span>
#include <string_view>

// One frame, seen through views.
//
// A frame owns nothing: its names, values and body lie in the parser's or the caller's buffer and
// are valid until the next call of the parser that gave it (or the next use of its header_scratch).

namespace stomp {

struct header_view {
    std::string_view name;
    std::string_view value;

    friend bool operator==(header_view const&, header_view const&) = default;
};

struct frame {
    stomp::command command{};
    bool has_content_length = false;
    std::span<header_view const> headers{};  // unescaped, in the order sent, repetitions included
    std::string_view body{};

    // The value of the first header of that name: repetitions do not count. Names are
    // case-sensitive.
    std::optional<std::string_view> find(std::string_view name) const noexcept {
        for (auto const& h : headers) {
            if (h.name == name) return h.value;
        }
        return std::nullopt;
    }

    bool has(std::string_view name) const noexcept { return find(name).has_value(); }

    std::string_view get(std::string_view name, std::string_view otherwise = {}) const noexcept {
        return find(name).value_or(otherwise);
    }
};

}  // namespace stomp
