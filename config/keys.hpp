#pragma once

#include "config/settings.hpp"
#include "config/value.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The one table of everything that can be configured. The loader, the checks, the suggestions, the
// names of environment variables and docs/configuration.md are all made from it.

namespace config {

enum class reload : std::uint8_t {
    no,       // read at start only
    content,  // the file that is named is read again while the node runs
    value,    // so is the value itself
};

struct key {
    // As in the file; "[]" stands for an element of an array of tables: "listeners[].address".
    std::string_view path;
    expectation expected;
    std::string_view doc;   // one sentence or two
    bool required = false;  // in an element of an array
    bool secret = false;    // the value never shows in a message
    reload reloads = reload::no;
    std::string default_text{};  // as in the file; empty: none

    // Checks and stores a value; `element` is the index where the path has "[]". Answers what is
    // wrong, if anything is.
    std::function<std::optional<std::string>(settings& into, std::size_t element,
                                             written const& from, file_reader const& read_file)>
        assign{};

    // Whether both have the same value.
    std::function<bool(settings const& one, settings const& other, std::size_t element)> same{};

    // The value in some settings, as in the file; empty where a key has none of its own (the name
    // of a file whose content is the setting).
    std::function<std::string(settings const& of, std::size_t element)> value_text{};
};

// An array of tables, "[[listeners]]".
struct key_array {
    std::string_view path;  // "listeners"
    std::string_view doc;
    std::size_t (*size)(settings const&);
    void (*resize)(settings&, std::size_t);
};

// A table, for the reference page: "limits.frame" and what it is about.
struct key_section {
    std::string_view path;
    std::string_view doc;
};

std::vector<key> const& keys();  // grouped by section, in the order of the reference page
std::span<key_array const> key_arrays();
std::span<key_section const> key_sections();

// `path` in the table's form, with "[]". Null if there is none.
key const* find_key(std::string_view path);

// "limits.frame.max_body" -> "STAMPEDE_LIMITS__FRAME__MAX_BODY"; an element's index goes in place
// of "[]": "listeners[0].address" -> "STAMPEDE_LISTENERS__0__ADDRESS".
std::string environment_name(std::string_view concrete_path);

}  // namespace config
