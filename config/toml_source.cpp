#include "config/source.hpp"
#include "config/suggestions.hpp"

#include <fmt/format.h>

#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

#include <algorithm>

namespace config {
namespace {

// The children of a table that the table of keys knows: "limits" -> "connection", "frame", ….
std::vector<std::string> children_of(std::string_view section) {
    std::vector<std::string> names;
    for (auto const& one : keys()) {
        auto rest = one.path;
        if (!section.empty()) {
            if (!rest.starts_with(section) || rest.size() <= section.size()) continue;
            rest.remove_prefix(section.size());
            if (rest.front() != '.') continue;
            rest.remove_prefix(1);
        }
        std::string name(rest.substr(0, rest.find_first_of(".[")));
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
    return names;
}

std::string last_part(std::string_view path) {
    return std::string(path.substr(path.rfind('.') + 1));
}

class toml_walk {
public:
    toml_walk(std::filesystem::path const& name, source& out)
        : name_(name.string()), base_(name.parent_path()), out_(out) {}

    // `path` is the table's in the table of keys, `shown` with the element's index.
    void walk(toml::table const& table, std::string const& path, std::string const& shown,
              std::size_t element) {
        for (auto const& [name, node] : table) {
            auto const child = join(path, name.str());
            auto const child_shown = join(shown, name.str());
            if (auto const* found = find_key(child)) {
                out_.assignments.push_back({found, element, value_of(node), source_rank::file});
            } else if (auto const* array = array_at(child)) {
                walk_array(node, *array);
            } else if (!children_of(child).empty()) {
                if (auto const* inner = node.as_table()) {
                    walk(*inner, child, child_shown, element);
                } else {
                    refuse(node.source(), child_shown,
                           fmt::format("expected a table, [{}]; got {}", child_shown,
                                       shown_node(node)));
                }
            } else {
                refuse(name.source(), child_shown, unknown(path, name.str()));
            }
        }
    }

private:
    static std::string join(std::string const& section, std::string_view name) {
        return section.empty() ? std::string(name) : section + "." + std::string(name);
    }

    static key_array const* array_at(std::string_view path) {
        auto const found = std::ranges::find(key_arrays(), path, &key_array::path);
        return found == key_arrays().end() ? nullptr : &*found;
    }

    void walk_array(toml::node const& node, key_array const& array) {
        std::string const path(array.path);
        auto const* elements = node.as_array();
        if (!elements) {
            return refuse(
                node.source(), path,
                fmt::format("expected an array of tables, [[{}]]; got {}", path, shown_node(node)));
        }
        if (elements->empty()) out_.emptied.push_back(&array);
        for (std::size_t i = 0; i < elements->size(); ++i) {
            auto const& element = *elements->get(i);
            out_.elements.push_back({&array, i, where(element.source())});
            if (auto const* table = element.as_table()) {
                walk(*table, path + "[]", fmt::format("{}[{}]", path, i), i);
            } else {
                refuse(element.source(), path,
                       fmt::format("expected an array of tables, [[{}]]; got {} in it", path,
                                   shown_node(element)));
            }
        }
    }

    static std::string unknown(std::string const& section, std::string_view name) {
        auto const siblings = children_of(section);
        if (auto const near = nearest(name, siblings)) {
            return fmt::format("no such key; did you mean {}?", *near);
        }
        for (auto const& one : keys()) {
            if (last_part(one.path) == name) {
                return fmt::format("no such key; did you mean {}?", one.path);
            }
        }
        return fmt::format("no such key; expected one of {}", fmt::join(siblings, ", "));
    }

    written value_of(toml::node const& node) const {
        written out{.where = where(node.source()), .base = base_};
        if (auto const* text = node.as_string())
            out.value = text->get();
        else if (auto const* flag = node.as_boolean())
            out.value = flag->get();
        else if (auto const* number = node.as_integer())
            out.value = number->get();
        else if (auto const* real = node.as_floating_point())
            out.value = real->get();
        else if (auto const* items = node.as_array())
            out.value = list_of(*items);
        else
            out.value = written::unsupported{shown_node(node)};
        return out;
    }

    static decltype(written::value) list_of(toml::array const& items) {
        std::vector<std::string> texts;
        for (auto const& item : items) {
            auto const* text = item.as_string();
            if (!text) return written::unsupported{"a list with " + shown_node(item) + " in it"};
            texts.push_back(text->get());
        }
        return texts;
    }

    static std::string shown_node(toml::node const& node) {
        switch (node.type()) {
            case toml::node_type::table: return "a table";
            case toml::node_type::array: return "a list";
            case toml::node_type::string: return "a text";
            case toml::node_type::integer: return "a whole number";
            case toml::node_type::floating_point: return "a decimal number";
            case toml::node_type::boolean: return "true or false";
            case toml::node_type::date: return "a date";
            case toml::node_type::time: return "a time of day";
            case toml::node_type::date_time: return "a date and time";
            case toml::node_type::none: break;
        }
        return "nothing";
    }

    std::string where(toml::source_region const& region) const {
        return fmt::format("{}:{}:{}", name_, region.begin.line, region.begin.column);
    }

    void refuse(toml::source_region const& region, std::string key, std::string what) {
        out_.wrong.push_back({where(region), std::move(key), std::move(what)});
    }

    std::string name_;
    std::filesystem::path base_;
    source& out_;
};

}  // namespace

source read_toml(std::string_view text, std::filesystem::path const& name) {
    source out;
    try {
        auto const table = toml::parse(text, name.string());
        toml_walk(name, out).walk(table, "", "", 0);
    } catch (toml::parse_error const& error) {
        auto const& begin = error.source().begin;
        out.wrong.push_back({fmt::format("{}:{}:{}", name.string(), begin.line, begin.column), "",
                             "not TOML: " + std::string(error.description())});
    }
    return out;
}

}  // namespace config
