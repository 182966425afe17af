#pragma once

#include "config/problem.hpp"
#include "config/settings.hpp"
#include "config/value.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Makes settings out of a file, the environment and flags; of two that speak of the same key the
// later named wins. Everything that is wrong is found in one go.

namespace config {

// What the program line can set.
struct flags {
    std::optional<std::string> listen{};  // --listen ADDRESS:PORT
    std::optional<std::string> data{};    // --data DIR
    std::optional<std::string> shards{};  // --shards N

    friend bool operator==(flags const&, flags const&) = default;
};

struct inputs {
    std::optional<std::filesystem::path> file{};  // TOML
    std::vector<std::string> environment{};       // "NAME=value"
    flags given{};
    file_reader read_file = read_whole_file;  // for the file and what it names
};

struct loaded {
    settings values;  // to be used only when nothing is wrong
    problems wrong;

    bool ok() const { return wrong.empty(); }
};

loaded load(inputs const& from);

// The environment of this process, as inputs wants it.
std::vector<std::string> process_environment();

}  // namespace config
