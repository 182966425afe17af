#pragma once

#include <CLI/CLI.hpp>

#include <iosfwd>
#include <string>
#include <vector>

// The TOML file that --file names: each key is an option's name without its dashes.

namespace bench {

class scenario_file final : public CLI::Config {
public:
    // `app` has the options, parsed as far as the command line goes, and outlives this.
    explicit scenario_file(CLI::App& app) : app_(app) {}

    // What the file says, less what the command line says in another way: a rate there replaces the
    // file's steps, and steps there the file's rate and duration. Throws CLI::ConfigError with the
    // file, the line, the key and what is wrong.
    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

    std::string to_config(CLI::App const* app, bool defaults, bool describe,
                          std::string prefix) const override;

private:
    CLI::App& app_;
};

}  // namespace bench
