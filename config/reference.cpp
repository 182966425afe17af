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

std::string_view reload_text(reload when) {
    return when == reload::content ? "its file" : "no";
}

std::string in_code(std::string const& text) {
    return text == "none" || text == "required" ? text : "`" + text + "`";
}

}  // namespace

std::string reference_text() {
    std::string out;
    for (auto const& section : key_sections()) {
        out += fmt::format("{}\n  {}\n", heading(section), about(section));
        for (auto const& one : keys()) {
            if (section_of(one.path) != section.path) continue;
            auto const name = one.path.substr(one.path.rfind('.') + 1);
            out += fmt::format("\n  {} = {}\n      {}\n      {}\n      {}\n", name, default_of(one),
                               describe(one.expected), one.doc,
                               environment_name(concrete_path(one.path, 0)));
        }
        out += "\n";
    }
    return out;
}

std::string reference_markdown() {
    std::string out;
    for (auto const& section : key_sections()) {
        out += fmt::format("### `{}`\n\n{}\n\n", heading(section), about(section));
        out += "| key | value | default | reload | meaning |\n| --- | --- | --- | --- | --- |\n";
        for (auto const& one : keys()) {
            if (section_of(one.path) != section.path) continue;
            auto const name = one.path.substr(one.path.rfind('.') + 1);
            out += fmt::format("| `{}` | {} | {} | {} | {} |\n", name, describe(one.expected),
                               in_code(default_of(one)), reload_text(one.reloads), one.doc);
        }
        out += "\n";
    }
    return out;
}

}  // namespace config
