#pragma once

#include "bench/plan/command_line.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>
#include <vector>

// The table of options: names, help, limits, and where each value goes.

namespace bench {

// What is read as text and understood afterwards.
struct texts {
    std::string scenario;
    std::vector<std::string> urls;
    std::string rest_url;
    std::vector<std::string> targets;
    std::vector<std::string> headers;
    std::vector<std::string> steps;
    std::vector<std::string> expectations;
    std::string profile = "stampede";
    std::string warm_up = "1 s";
    std::string lasts = "5 s";
    std::string patience = "10 s";
    std::string heart_beat = "0 s";
    std::string connect_timeout = "30 s";
    double rate = 0;
    // The flags, "--rate", that the command line or the file gives.
    std::vector<std::string> flags;

    bool has(std::string_view flag) const noexcept;
};

// All three outlive the parsing.
void add_options(CLI::App& app, command& out, target& server, texts& given);

// What was given, once `app` has parsed. A switch that is off, as a file may say it, and what only
// the environment says are not.
std::vector<std::string> given_flags(CLI::App const& app);

}  // namespace bench
