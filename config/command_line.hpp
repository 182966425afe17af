#pragma once

#include "config/load.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// The program line of `stampede`.

namespace config {

enum class action : std::uint8_t {
    run,
    check_config,   // load and say what is wrong, then end
    hash_passcode,  // read a passcode from standard input, print its hash, then end
    print,          // print `text`, then end: --help, --help-config, --version
};

struct command_line {
    action what = action::run;
    std::string text{};
    std::optional<std::filesystem::path> file{};  // --config
    flags given{};
};

struct parsed_command_line {
    command_line line;
    problems wrong;
};

// `arguments` without the program's name.
parsed_command_line parse_command_line(std::vector<std::string> arguments,
                                       std::string const& version);

// What load() wants: the line, this process' environment, and the file that STAMPEDE_CONFIG names
// when the line names none.
inputs inputs_of(command_line const& line, std::vector<std::string> environment);

}  // namespace config
