#pragma once

#include "config/keys.hpp"
#include "config/problem.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What one source (the file, the environment, the flags) says, before it is applied. Sources check
// that keys exist; whether the values are good is found when they are applied.

namespace config {

enum class source_rank : std::uint8_t { file, environment, flag };  // the higher one wins

struct assignment {
    key const* which = nullptr;
    std::size_t element = 0;  // where the path has "[]"
    written value;
    source_rank rank = source_rank::file;
};

// That an array of tables has (at least) an element `element`, also when it says nothing.
struct array_element {
    key_array const* which = nullptr;
    std::size_t element = 0;
    std::string where;
};

struct source {
    std::vector<assignment> assignments;
    std::vector<array_element> elements;
    std::vector<key_array const*> emptied;  // "access = []"
    problems wrong;
};

// "listeners[].address", 2 -> "listeners[2].address".
std::string concrete_path(std::string_view path, std::size_t element);

// The TOML text of a file; `name` is how messages call it.
source read_toml(std::string_view text, std::filesystem::path const& name);

// Variables as "NAME=value". Those that begin with STAMPEDE_ and have a double underscore must be
// keys; others are not ours: Kubernetes invents STAMPEDE_PORT and the like.
source read_environment(std::span<std::string const> variables);

}  // namespace config
