#include "config/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace config {
namespace {

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 60;
    auto end = std::min(text.size(), longest);
    // Not in the middle of a character.
    while (end < text.size() && end > 0 &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    std::string out = "\"";
    for (char c : text.substr(0, end)) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
    return out + (text.size() > end ? "…\"" : "\"");
}

std::string list_of(std::vector<std::string_view> const& choices) {
    std::string out;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (i != 0) out += i + 1 == choices.size() ? " or " : ", ";
        out += in_quotes(choices[i]);
    }
    return out;
}

constexpr int no_file = 1;

class no_file_errors final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "config"; }
    std::string message(int) const override { return "A pipe, not a file"; }
};

boost::system::error_category const& no_file_category() {
    static no_file_errors const category;
    return category;
}

bool within(bounds range, std::int64_t value) {
    return value >= range.lowest && value <= range.highest;
}

bool is_choice(std::vector<std::string_view> const& choices, std::string_view value) {
    return choices.empty() || std::ranges::find(choices, value) != choices.end();
}

std::optional<std::int64_t> whole_number(written const& from) {
    if (auto const* number = std::get_if<std::int64_t>(&from.value)) return *number;
    auto const* text = std::get_if<std::string>(&from.value);
    if (!text || !from.untyped) return std::nullopt;
    std::int64_t number = 0;
    auto const* end = text->data() + text->size();
    auto const [rest, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return number;
}

// The text of a quantity; a number without quotes is one without a unit.
std::optional<std::string> quantity_text(written const& from) {
    if (auto const* text = std::get_if<std::string>(&from.value)) return *text;
    if (auto const* number = std::get_if<std::int64_t>(&from.value)) return std::to_string(*number);
    return std::nullopt;
}

std::string_view type_phrase(value_type type) {
    switch (type) {
        case value_type::boolean: return "true or false";
        case value_type::integer: return "a whole number";
        case value_type::time_span:
            return "a duration with its unit, such as \"10 s\" or \"5 min\"";
        case value_type::rate: return "a rate, such as \"200/s\" or \"10/min\", or 0 for none";
        case value_type::size: return "a size, such as \"64 KiB\" or a number of bytes";
        case value_type::text: return "a text";
        case value_type::text_list: return "a list of texts, such as [\"a\", \"b\"]";
        case value_type::choice: return "one of";
        case value_type::address:
            return "ADDRESS:PORT with a numeric address, such as \"0.0.0.0:8080\" or "
                   "\"[::1]:8080\"";
        case value_type::path: return "a path";
        case value_type::readable_path:
        case value_type::file_content: return "the path of a readable file";
    }
    return "";
}

std::string_view type_word(value_type type) {
    switch (type) {
        case value_type::boolean: return "true or false";
        case value_type::integer: return "number";
        case value_type::time_span: return "duration";
        case value_type::size: return "size";
        case value_type::rate: return "rate";
        case value_type::text: return "text";
        case value_type::text_list: return "list of texts";
        case value_type::choice: return "";
        case value_type::address: return "ADDRESS:PORT";
        case value_type::path: return "path";
        case value_type::readable_path:
        case value_type::file_content: return "path of a file";
    }
    return "";
}

std::string bound_text(value_type type, std::int64_t value) {
    if (type == value_type::time_span) return to_string(duration{value});
    if (type == value_type::size) return to_string(byte_size{static_cast<std::uint64_t>(value)});
    return std::to_string(value);
}

std::string range_phrase(expectation const& expected) {
    auto const [lowest, highest] = expected.range;
    bool const measured = expected.type == value_type::integer ||
                          expected.type == value_type::time_span ||
                          expected.type == value_type::size;
    if (!measured) {
        if (expected.type != value_type::text || lowest == 0) return "";
        return lowest == 1 ? ", not empty" : fmt::format(", of at least {} characters", lowest);
    }
    if (highest == INT64_MAX) {
        return lowest == 0 ? "" : ", at least " + bound_text(expected.type, lowest);
    }
    return fmt::format(", from {} to {}", bound_text(expected.type, lowest),
                       bound_text(expected.type, highest));
}

}  // namespace

std::string shown(written const& from) {
    struct visitor {
        std::string operator()(std::string const& text) const { return in_quotes(text); }
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const {
            auto text = fmt::format("{}", value);
            // 1.0 is no whole number, and must not look like one.
            bool const looks_whole = text.find_first_not_of("-0123456789") == std::string::npos;
            return looks_whole ? text + ".0" : text;
        }
        std::string operator()(std::vector<std::string> const& items) const {
            std::string out = "[";
            for (auto const& item : items) out += (out.size() > 1 ? ", " : "") + in_quotes(item);
            return out + "]";
        }
        std::string operator()(written::unsupported const& other) const { return other.what; }
    };
    return std::visit(visitor{}, from.value);
}

boost::system::result<std::string> read_whole_file(std::filesystem::path const& path) {
    constexpr std::size_t largest = 1024 * 1024;
    errno = 0;
    std::error_code ignored;
    auto const kind = std::filesystem::status(path, ignored).type();
    if (kind == std::filesystem::file_type::directory) {
        return make_error_code(boost::system::errc::is_a_directory);
    }
    // Opening a pipe would wait for somebody who writes it. Not so for one that is open already,
    // such as /dev/stdin and a shell's /dev/fd/63.
    if (kind == std::filesystem::file_type::fifo && !path.string().starts_with("/dev/")) {
        return boost::system::error_code(no_file, no_file_category());
    }
    std::ifstream file(path, std::ios::binary);
    auto const failure = [] {
        return boost::system::error_code(errno != 0 ? errno : EIO,
                                         boost::system::system_category());
    };
    if (!file) return failure();
    std::string content(largest + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (file.bad()) return failure();
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() > largest) return make_error_code(boost::system::errc::file_too_large);
    return content;
}

std::string describe(expectation const& expected) {
    std::string out(type_phrase(expected.type));
    if (expected.type == value_type::choice) return out + " " + list_of(expected.choices);
    if (!expected.choices.empty()) out += " from " + list_of(expected.choices);
    return out + range_phrase(expected);
}

std::string summarize(expectation const& expected) {
    if (expected.type == value_type::choice) return list_of(expected.choices);
    std::string out(type_word(expected.type));
    if (!expected.choices.empty()) out += " of " + list_of(expected.choices);
    return out + range_phrase(expected);
}

bool read_value(written const& from, expectation const&, bool& out) {
    if (auto const* value = std::get_if<bool>(&from.value)) {
        out = *value;
        return true;
    }
    auto const* text = std::get_if<std::string>(&from.value);
    if (!text || !from.untyped || (*text != "true" && *text != "false")) return false;
    out = *text == "true";
    return true;
}

bool read_value(written const& from, expectation const& expected, std::uint32_t& out) {
    auto const number = whole_number(from);
    if (!number || !within(expected.range, *number)) return false;
    if (*number < 0 || *number > UINT32_MAX) return false;
    out = static_cast<std::uint32_t>(*number);
    return true;
}

bool read_value(written const& from, expectation const& expected,
                std::optional<std::uint64_t>& out) {
    auto const number = whole_number(from);
    if (!number || *number < 0 || !within(expected.range, *number)) return false;
    out = static_cast<std::uint64_t>(*number);
    return true;
}

bool read_value(written const& from, expectation const& expected, duration& out) {
    auto const text = quantity_text(from);
    auto const value = text ? parse_duration(*text) : std::nullopt;
    if (!value || !within(expected.range, value->count())) return false;
    out = *value;
    return true;
}

bool read_value(written const& from, expectation const& expected, byte_size& out) {
    auto const text = quantity_text(from);
    auto const value = text ? parse_byte_size(*text) : std::nullopt;
    if (!value || !within(expected.range, static_cast<std::int64_t>(value->bytes()))) return false;
    out = *value;
    return true;
}

bool read_value(written const& from, expectation const&, frequency& out) {
    auto const text = quantity_text(from);
    auto const value = text ? parse_frequency(*text) : std::nullopt;
    if (value) out = *value;
    return value.has_value();
}

bool read_value(written const& from, expectation const& expected, std::string& out) {
    auto const* text = std::get_if<std::string>(&from.value);
    if (!text || !within(expected.range, static_cast<std::int64_t>(text->size()))) return false;
    out = *text;
    return true;
}

bool read_value(written const& from, expectation const& expected, std::vector<std::string>& out) {
    std::vector<std::string> items;
    if (auto const* list = std::get_if<std::vector<std::string>>(&from.value)) {
        items = *list;
    } else if (auto const* text = std::get_if<std::string>(&from.value); text && from.untyped) {
        for (std::string_view rest = *text; !rest.empty();) {
            auto const comma = std::min(rest.find(','), rest.size());
            items.emplace_back(trimmed(rest.substr(0, comma)));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    } else {
        return false;
    }
    bool const fits = std::ranges::all_of(items, [&](std::string const& item) {
        return !item.empty() && is_choice(expected.choices, item);
    });
    if (fits) out = std::move(items);
    return fits;
}

bool read_value(written const& from, expectation const&, listen_address& out) {
    auto const* text = std::get_if<std::string>(&from.value);
    auto const address = text ? parse_listen_address(*text) : std::nullopt;
    if (address) out = *address;
    return address.has_value();
}

bool read_value(written const& from, expectation const&, std::filesystem::path& out) {
    auto const* text = std::get_if<std::string>(&from.value);
    if (!text || text->empty() || text->find('\0') != std::string::npos) return false;
    out = (from.base / *text).lexically_normal();
    return true;
}

std::optional<std::size_t> read_choice(written const& from, expectation const& expected) {
    auto const* text = std::get_if<std::string>(&from.value);
    if (!text) return std::nullopt;
    auto const found = std::ranges::find(expected.choices, *text);
    if (found == expected.choices.end()) return std::nullopt;
    return static_cast<std::size_t>(found - expected.choices.begin());
}

std::string as_toml(bool value) {
    return value ? "true" : "false";
}
std::string as_toml(std::uint32_t value) {
    return std::to_string(value);
}
std::string as_toml(std::optional<std::uint64_t> value) {
    return value ? std::to_string(*value) : "";
}
std::string as_toml(duration value) {
    return in_quotes(to_string(value));
}
std::string as_toml(byte_size value) {
    return in_quotes(to_string(value));
}
std::string as_toml(frequency value) {
    return in_quotes(to_string(value));
}
std::string as_toml(std::string const& value) {
    return in_quotes(value);
}
std::string as_toml(std::vector<std::string> const& value) {
    return shown(written{.value = value});
}
std::string as_toml(listen_address const& value) {
    return in_quotes(to_string(value));
}
std::string as_toml(std::filesystem::path const& value) {
    return value.empty() ? "" : in_quotes(value.string());
}

}  // namespace config
