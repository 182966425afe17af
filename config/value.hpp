#pragma once

#include "config/settings.hpp"

#include <boost/system/result.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// A value as somebody wrote it, in the file, the environment or a flag, and what a key makes of it.

namespace config {

struct written {
    // What the file's syntax says it is. Environment and flags know only text.
    struct unsupported {
        std::string what;  // "a table", "a date"
    };
    std::variant<std::string, bool, std::int64_t, double, std::vector<std::string>, unsupported>
        value{};
    bool untyped = false;          // from the environment or a flag: the key's type decides
    std::string where{};           // see problem::where
    std::filesystem::path base{};  // what a relative path is relative to
};

// How it looks in a message: strings in quotes, long ones shortened.
std::string shown(written const& value);

using file_reader = std::function<boost::system::result<std::string>(std::filesystem::path const&)>;

// A file's whole content, at most 1 MiB.
boost::system::result<std::string> read_whole_file(std::filesystem::path const& path);

enum class value_type : std::uint8_t {
    boolean,
    integer,
    time_span,
    size,
    rate,
    text,
    text_list,
    choice,
    address,
    path,
    readable_path,  // refused when the file cannot be read
    file_content,   // a path; the setting is what the file holds
};

// Lowest and highest value in base units (milliseconds, bytes); for texts, of their length.
struct bounds {
    std::int64_t lowest = 0;
    std::int64_t highest = INT64_MAX;
};

// What a key accepts.
struct expectation {
    value_type type = value_type::text;
    bounds range{};
    std::vector<std::string_view> choices{};  // of a choice, or of each item of a list
};

// "a duration such as \"10 s\", from 1 s to 5 min"
std::string describe(expectation const& expected);

// The same in few words, for tables: "duration, from 1 s to 5 min".
std::string summarize(expectation const& expected);

// The alternatives of an enumeration, in the order of its values.
template <typename Enum>
std::vector<std::string_view> names_of();

// Each reads a value as what is expected and stores it, or answers false and leaves `out` alone.
bool read_value(written const& from, expectation const& expected, bool& out);
bool read_value(written const& from, expectation const& expected, std::uint32_t& out);
bool read_value(written const& from, expectation const& expected,
                std::optional<std::uint64_t>& out);
bool read_value(written const& from, expectation const& expected, duration& out);
bool read_value(written const& from, expectation const& expected, byte_size& out);
bool read_value(written const& from, expectation const& expected, frequency& out);
bool read_value(written const& from, expectation const& expected, std::string& out);
bool read_value(written const& from, expectation const& expected, std::vector<std::string>& out);
bool read_value(written const& from, expectation const& expected, listen_address& out);
bool read_value(written const& from, expectation const& expected, std::filesystem::path& out);

// The position of a choice among its alternatives.
std::optional<std::size_t> read_choice(written const& from, expectation const& expected);

template <typename Enum>
requires std::is_enum_v<Enum>
bool read_value(written const& from, expectation const& expected, Enum& out) {
    auto const position = read_choice(from, expected);
    if (position) out = static_cast<Enum>(*position);
    return position.has_value();
}

// As it would be written in the file.
std::string as_toml(bool value);
std::string as_toml(std::uint32_t value);
std::string as_toml(std::optional<std::uint64_t> value);
std::string as_toml(duration value);
std::string as_toml(byte_size value);
std::string as_toml(frequency value);
std::string as_toml(std::string const& value);
std::string as_toml(std::vector<std::string> const& value);
std::string as_toml(listen_address const& value);
std::string as_toml(std::filesystem::path const& value);

template <typename Enum>
requires std::is_enum_v<Enum> std::string as_toml(Enum value) {
    return as_toml(std::string(names_of<Enum>()[static_cast<std::size_t>(value)]));
}

}  // namespace config
