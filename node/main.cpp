#include "config/command_line.hpp"
#include "config/load.hpp"
#include "node/check_parts.hpp"
#include "node/compose.hpp"
#include "node/event_log.hpp"
#include "node/hash_passcode.hpp"
#include "node/open_files.hpp"
#include "node/stop_signals.hpp"
#include "node/version.hpp"

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

// The program `stampede`: reads its configuration, runs one node until SIGTERM or SIGINT, drains,
// ends.

namespace {

constexpr int exit_failed = 1;
constexpr int exit_bad_configuration = 2;

// What was asked for and did not get out, on a full disk for one, was not done.
int printed(std::string const& text) {
    if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return 0;
    std::perror("stampede: standard output");
    return exit_failed;
}

int report(config::problems const& wrong) {
    for (auto const& one : wrong)
        std::fprintf(stderr, "stampede: %s\n", config::to_string(one).c_str());
    return exit_bad_configuration;
}

// SIGHUP: a configuration with anything wrong in it changes nothing.
void reload(node::running_node& running, config::inputs const& from) {
    auto const fresh = config::load(from);
    auto const wrong = fresh.ok() ? node::wrong_in_parts(fresh.values) : fresh.wrong;
    for (auto const& one : wrong) {
        node::log_warning("reload_failed", {{"reason", config::to_string(one)}});
    }
    if (wrong.empty()) running.reload(fresh.values);
}

int run(config::settings const& settings, config::inputs const& from) {
    node::start_event_log(settings.log);
    // Before any thread is started: all of them must leave these signals to us.
    node::stop_signals stop;
    node::log_info("starting", {{"version", node::version()},
                                {"open_files", std::to_string(node::allow_all_open_files())}});
    node::running_node running(settings);
    if (auto const address = running.operations_address(); !address.empty())
        std::printf("operations %s\n", address.c_str());
    for (auto const& address : running.stomp_addresses())
        std::printf("stomp %s\n", address.c_str());
    std::printf("ready %s\n", running.http_address().c_str());
    std::fflush(stdout);
    while (stop.wait() == node::signal_received::reload) reload(running, from);
    running.drain();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    auto const parsed = config::parse_command_line(std::vector<std::string>(argv + 1, argv + argc),
                                                   node::version());
    if (!parsed.wrong.empty()) return report(parsed.wrong);
    switch (parsed.line.what) {
        case config::action::print: return printed(parsed.line.text);
        case config::action::hash_passcode: {
            auto const hash = node::hash_passcode();
            return hash ? printed(*hash + "\n") : exit_bad_configuration;
        }
        case config::action::run:
        case config::action::check_config: break;
    }
    auto const from = config::inputs_of(parsed.line, config::process_environment());
    auto const loaded = config::load(from);
    if (!loaded.ok()) return report(loaded.wrong);
    if (auto const wrong = node::wrong_in_parts(loaded.values); !wrong.empty()) {
        return report(wrong);
    }
    if (parsed.line.what == config::action::check_config) {
        return printed("configuration is good\n");
    }
    try {
        return run(loaded.values, from);
    } catch (std::exception const& error) {
        if (loaded.values.log.format == config::log_format::json) {
            node::log_event(config::log_level::error, "start_failed", {{"reason", error.what()}});
        } else {
            std::fprintf(stderr, "stampede: %s\n", error.what());
        }
        return exit_failed;
    }
}
