#include "config/reference.hpp"

#include "config/keys.hpp"
#include "config/source.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace config {
namespace {

std::string_view section_of(std::string_view path) {
    auto const dot = path.rfind('.');
    auto section = path.substr(0, dot);
    if (section.ends_with("[]")) section.remove_suffix(2);
    return section;
}

key_array const* array_at(std::string_view section) {
    auto const found = std::ranges::find(key_arrays(), section, &key_array::path);
    return found == key_arrays().end() ? nullptr : &*found;
}

std::string heading(key_section const& section) {
    return array_at(section.path) ? fmt::format("[[{}]]", section.path)
                                  : fmt::format("[{}]", section.path);
}

std::string_view about(key_section const& section) {
    auto const* array = array_at(section.path);
    return array ? array->doc : section.doc;
}

std::string default_of(key const& one) {
    if (one.required) return "required";
    if (one.default_text.empty() || one.default_text == "\"\"") return "none";
    return one.default_text;
}

std::string toml_default_of(key const& one) {
    if (one.required) return "(required)";
    return one.default_text.empty() ? "(none)" : one.default_text;
}

std::string_view reload_text(reload when) {
    switch (when) {
        case reload::no: return "no";
        case reload::content: return "its file";
        case reload::value: return "yes";
    }
    return "";
}

template <typename Visit>
void for_each_key_of(key_section const& section, Visit visit) {
    for (auto const& one : keys()) {
        if (section_of(one.path) == section.path)
            visit(one, one.path.substr(one.path.rfind('.') + 1));
    }
}

// Wrapped, each line behind a '#'.
std::string commented(std::string_view text) {
    constexpr std::size_t width = 98;
    std::string out = "#";
    std::size_t column = 1;
    while (!text.empty()) {
        auto const word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (column > 1 && column + 1 + word.size() > width) {
            out += "\n#";
            column = 1;
        }
        out += " " + std::string(word);
        column += 1 + word.size();
    }
    return out;
}

std::string in_code(std::string const& text) {
    return text == "none" || text == "required" ? text : "`" + text + "`";
}

}  // namespace

std::string reference_text() {
    std::string out;
    for (auto const& section : key_sections()) {
        out += fmt::format("{}\n  {}\n", heading(section), about(section));
        for_each_key_of(section, [&out](key const& one, std::string_view name) {
            out += fmt::format("\n  {} = {}\n      {}\n      {}\n      {}\n", name, default_of(one),
                               describe(one.expected), one.doc,
                               environment_name(concrete_path(one.path, 0)));
        });
        out += "\n";
    }
    return out;
}

std::string reference_markdown() {
    std::string out;
    for (auto const& section : key_sections()) {
        out += fmt::format("### `{}`\n\n{}\n\n", heading(section), about(section));
        out += "| key | value | default | reload | meaning |\n| --- | --- | --- | --- | --- |\n";
        for_each_key_of(section, [&out](key const& one, std::string_view name) {
            out += fmt::format("| `{}` | {} | {} | {} | {} |\n", name, summarize(one.expected),
                               in_code(default_of(one)), reload_text(one.reloads), one.doc);
        });
        out += "\n";
    }
    return out;
}

std::string reference_toml() {
    std::string out;
    for (auto const& section : key_sections()) {
        // A table may be there empty, an element of an array would be one.
        bool const is_array = array_at(section.path) != nullptr;
        out += fmt::format("\n{}\n{}{}\n", commented(about(section)), is_array ? "#" : "",
                           heading(section));
        for_each_key_of(section, [&out](key const& one, std::string_view name) {
            out += fmt::format("\n{}\n{}\n#{} = {}\n", commented(one.doc),
                               commented("(" + summarize(one.expected) + ")"), name,
                               toml_default_of(one));
        });
    }
    return out;
}

}  // namespace config
