#pragma once

#include "chat/model.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// JSON written straight to the end of a string: every stored message passes here once.
//
//     json::object_writer body(out);
//     body.field("seq", 17).field("content", "hello");
//     body.close();

namespace chat::json {

// Appends `text` (UTF-8) between quotes, escaped.
void append_string(std::string& out, std::string_view text);
void append_number(std::string& out, std::uint64_t number);
// "2025-01-09T14:30:00.123Z", with quotes; years 0 to 9999.
void append_time(std::string& out, timestamp when);

class object_writer {
public:
    explicit object_writer(std::string& out) : out_(out) { out_.push_back('{'); }
    object_writer(object_writer const&) = delete;
    object_writer& operator=(object_writer const&) = delete;

    object_writer& field(std::string_view name, std::string_view text) {
        append_string(key(name), text);
        return *this;
    }
    object_writer& field(std::string_view name, char const* text) {
        return field(name, std::string_view(text));
    }
    object_writer& field(std::string_view name, std::unsigned_integral auto number) {
        append_number(key(name), number);
        return *this;
    }
    object_writer& field(std::string_view name, bool value) {
        key(name).append(value ? "true" : "false");
        return *this;
    }
    object_writer& field(std::string_view name, timestamp when) {
        append_time(key(name), when);
        return *this;
    }
    object_writer& field(std::string_view name, std::optional<std::uint64_t> number) {
        if (number) return field(name, *number);
        return raw(name, "null");
    }
    // `json` is a value already.
    object_writer& raw(std::string_view name, std::string_view json) {
        key(name).append(json);
        return *this;
    }
    // Begins a field; the caller appends its value to what it gets.
    // `name` is ours: it is written as it is.
    std::string& key(std::string_view name);

    // For names that somebody else chose.
    object_writer& foreign_field(std::string_view name, std::string_view text);

    void close() { out_.push_back('}'); }

private:
    std::string& out_;
    bool first_ = true;
};

// Appends "[…]", with `write(out, item)` for each item.
template <typename Items, typename Write>
void append_array(std::string& out, Items const& items, Write&& write) {
    out.push_back('[');
    auto first = true;
    for (auto const& item : items) {
        if (!first) out.push_back(',');
        first = false;
        write(out, item);
    }
    out.push_back(']');
}

}  // namespace chat::json
