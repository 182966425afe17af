#include "config/source.hpp"
#include "config/suggestions.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace config {
namespace {

struct target {
    key const* which = nullptr;
    std::size_t element = 0;
};

// The number at the start of "0__ADDRESS", and what follows it.
std::optional<std::size_t> take_index(std::string_view& text) {
    std::size_t index = 0;
    auto const* end = text.data() + text.size();
    auto const [rest, error] = std::from_chars(text.data(), end, index);
    if (error != std::errc{} || index > 9999) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return index;
}

std::optional<target> find_target(std::string_view name) {
    for (auto const& one : keys()) {
        auto const open = one.path.find("[]");
        if (open == std::string_view::npos) {
            if (environment_name(one.path) == name) return target{&one, 0};
            continue;
        }
        auto const before = environment_name(one.path.substr(0, open)) + "__";
        if (!name.starts_with(before)) continue;
        auto rest = name.substr(before.size());
        auto const index = take_index(rest);
        if (!index) continue;
        if (environment_name(concrete_path(one.path, *index)) == name) return target{&one, *index};
    }
    return std::nullopt;
}

std::string unknown(std::string_view name) {
    std::vector<std::string> names;
    for (auto const& one : keys()) names.push_back(environment_name(concrete_path(one.path, 0)));
    if (auto const near = nearest(name, names)) {
        return fmt::format("no such key; did you mean {}?", *near);
    }
    return "no such key; docs/configuration.md lists them";
}

key_array const* array_of(key const& one) {
    for (auto const& array : key_arrays()) {
        if (one.path.starts_with(std::string(array.path) + "[]")) return &array;
    }
    return nullptr;
}

}  // namespace

source read_environment(std::span<std::string const> variables) {
    constexpr std::string_view prefix = "STAMPEDE_";
    source out;
    for (std::string_view variable : variables) {
        auto const equals = variable.find('=');
        if (equals == std::string_view::npos || !variable.starts_with(prefix)) continue;
        auto const name = variable.substr(0, equals);
        if (name.find("__") == std::string_view::npos) continue;

        auto const where = fmt::format("environment variable {}", name);
        auto const found = find_target(name);
        if (!found) {
            out.wrong.push_back({where, "", unknown(name)});
            continue;
        }
        if (auto const* array = array_of(*found->which)) {
            out.elements.push_back({array, found->element, where});
        }
        out.assignments.push_back(
            {found->which, found->element,
             written{std::string(variable.substr(equals + 1)), true, where, {}},
             source_rank::environment});
    }
    return out;
}

}  // namespace config
