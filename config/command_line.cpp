#include "config/command_line.hpp"

#include "config/reference.hpp"
#include "config/suggestions.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <string_view>

namespace config {
namespace {

void refuse_unknown(std::vector<std::string> const& remaining, problems& wrong) {
    std::vector<std::string> const known{"--config", "--listen",       "--data",
                                         "--shards", "--check-config", "--version",
                                         "--help",   "--help-config",  "--hash-passcode"};
    for (auto const& argument : remaining) {
        auto const name = argument.substr(0, argument.find('='));
        auto const near = nearest(name, known);
        wrong.push_back({fmt::format("argument {}", argument), "",
                         near ? fmt::format("not known; did you mean {}?", *near)
                              : "not known; see stampede --help"});
    }
}

}  // namespace

parsed_command_line parse_command_line(std::vector<std::string> arguments,
                                       std::string const& version) {
    parsed_command_line out;
    auto& line = out.line;
    bool check = false;
    bool hash = false;
    bool help = false;
    bool help_config = false;
    bool print_version = false;
    std::optional<std::string> file;

    CLI::App app(
        "A STOMP broker for chat, over WebSocket, SockJS and TCP.\n"
        "Without arguments: open to everyone on http://127.0.0.1:8080, data in ./stampede-data.",
        "stampede");
    app.set_help_flag();  // ours, so that nothing is printed from inside the parser
    app.allow_extras();
    app.add_option("--config", file, "Configuration file (TOML); also STAMPEDE_CONFIG")
        ->type_name("FILE");
    app.add_option("--listen", line.given.listen, "Where to serve HTTP and WebSocket")
        ->type_name("ADDRESS:PORT");
    app.add_option("--data", line.given.data, "Where the node keeps its files")->type_name("DIR");
    app.add_option("--shards", line.given.shards,
                   "Threads with an event loop; 0: one per processor")
        ->type_name("N");
    // Without a value: --check-config=false would start the node.
    auto const add_flag = [&app](std::string const& name, bool& given, std::string const& what) {
        app.add_flag(name, given, what)->disable_flag_override();
    };
    add_flag("--check-config", check, "Check the configuration and end");
    add_flag("--hash-passcode", hash,
             "Read a passcode from standard input, print its hash for [[auth.accounts]] and end");
    add_flag("--version", print_version, "Print the version and end");
    add_flag("--help,-h", help, "Print this and end");
    add_flag("--help-config", help_config, "Print every configuration key and end");

    try {
        std::ranges::reverse(arguments);  // CLI11 wants them so
        app.parse(arguments);
    } catch (CLI::ParseError const& error) {
        out.wrong.push_back({"program line", "", error.what()});
        return out;
    }
    refuse_unknown(app.remaining(), out.wrong);

    if (file) line.file = *file;
    if (help) {
        line = {.what = action::print, .text = app.help(), .file = {}, .given = {}};
    } else if (help_config) {
        line = {.what = action::print, .text = reference_text(), .file = {}, .given = {}};
    } else if (print_version) {
        line = {
            .what = action::print, .text = "stampede " + version + "\n", .file = {}, .given = {}};
    } else if (hash) {
        line.what = action::hash_passcode;
    } else if (check) {
        line.what = action::check_config;
    }
    return out;
}

inputs inputs_of(command_line const& line, std::vector<std::string> environment) {
    constexpr std::string_view variable = "STAMPEDE_CONFIG=";
    inputs out{.file = line.file, .environment = std::move(environment), .given = line.given};
    if (out.file) return out;
    for (std::string_view one : out.environment) {
        if (one.starts_with(variable) && one.size() > variable.size()) {
            out.file = one.substr(variable.size());
        }
    }
    return out;
}

}  // namespace config
