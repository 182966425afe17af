#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

// Writes JSON from the outside in; commas and indentation are its business. Numbers that are not
// finite become null, text that is not UTF-8 gets U+FFFD in place of what is not.

namespace bench {

class json_writer {
public:
    json_writer& begin_object() { return open('{'); }
    json_writer& end_object() { return close('}'); }
    // An array stands on one line.
    json_writer& begin_array() { return open('['); }
    json_writer& end_array() { return close(']'); }

    json_writer& key(std::string_view name);

    json_writer& value(std::string_view text);
    json_writer& value(char const* text) { return value(std::string_view{text}); }
    json_writer& value(bool truth);
    json_writer& value(double number);
    json_writer& value(std::unsigned_integral auto number) {
        return raw(std::to_string(std::uint64_t{number}));
    }
    json_writer& value(std::signed_integral auto number) {
        return raw(std::to_string(std::int64_t{number}));
    }
    json_writer& null() { return raw("null"); }

    json_writer& member(std::string_view name, auto const& what) { return key(name).value(what); }

    std::string take() && { return std::move(out_); }

private:
    json_writer& open(char bracket);
    json_writer& close(char bracket);
    json_writer& raw(std::string_view text);
    void before_item();
    void new_line();

    std::string out_;
    std::string open_;  // the brackets around this place
    bool first_ = true;
    bool after_key_ = false;
};

}  // namespace bench
