#include "bench/plan/command_line.hpp"

#include "bench/plan/options.hpp"
#include "bench/plan/scenario_flags.hpp"
#include "bench/plan/shell_line.hpp"
#include "bench/plan/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace bench {
namespace {

constexpr int usage_error = 2;

target read_target(std::string const& text, target const& common) {
    try {
        return parse_target(text, common);
    } catch (std::exception const& error) {
        throw std::invalid_argument(std::string("--target: ") + error.what());
    }
}

// Steps say how long they last, and a rate is a step of its own.
void take_steps(plan& what, texts const& given) {
    for (auto const& step : given.steps) what.steps.push_back(parse_step(step));
    if (!what.steps.empty() && given.has("--rate")) {
        throw std::invalid_argument(
            "--rate and --step exclude each other: a steady rate among steps is a --step with one "
            "number");
    }
    if (!what.steps.empty() && given.has("--duration")) {
        throw std::invalid_argument(
            "--duration is for a --rate or full load: each --step says how long it lasts");
    }
    if (given.rate > 0) what.steps = {{given.rate, given.rate, what.lasts}};
}

void check_names(std::vector<target> const& targets) {
    for (auto at = targets.begin(); at != targets.end(); ++at) {
        if (std::find_if(targets.begin(), at,
                         [&](target const& before) { return before.name == at->name; }) == at) {
            continue;
        }
        throw std::invalid_argument(fmt::format(
            "--target: two targets are called \"{}\" and could not be told apart: give each a "
            "name=...",
            at->name));
    }
}

void check_kind_of_run(command const& all, texts const& given) {
    if (all.comparing && all.targets.size() < 2) {
        throw std::invalid_argument(
            "compare needs two targets at least: --target \"name=a;url=...\" --target "
            "\"name=b;url=...\"");
    }
    if (all.comparing) return check_names(all.targets);
    if (all.targets.size() > 1) {
        throw std::invalid_argument(
            "several targets are for compare: stampede-bench compare SCENARIO ...");
    }
    if (!all.markdown.empty()) {
        throw std::invalid_argument("--markdown is for compare: it has a table of several targets");
    }
    if (given.has("--rounds")) {
        throw std::invalid_argument("--rounds is for compare: stampede-bench compare SCENARIO ...");
    }
}

void check_ways_to_log_in(texts const& given) {
    std::vector<std::string_view> ways;
    if (given.has("--login") || given.has("--passcode")) {
        ways.emplace_back(given.has("--login") ? "--login" : "--passcode");
    }
    if (given.has("--token-file")) ways.emplace_back("--token-file");
    if (given.has("--token-secret-file")) ways.emplace_back("--token-secret-file");
    if (ways.size() > 1) {
        throw std::invalid_argument(fmt::format(
            "{} exclude each other: each says who the clients are", fmt::join(ways, " and ")));
    }
}

void check_claims_are_signed(texts const& given, std::vector<target> const& targets) {
    if (!given.has("--token-claims")) return;
    bool const signed_somewhere = std::ranges::any_of(
        targets, [](target const& each) { return !each.token_secret_file.empty(); });
    if (!signed_somewhere) {
        throw std::invalid_argument("--token-claims is for --token-secret-file, which signs them");
    }
}

void understand(command& out, target server, texts const& given) {
    auto& what = out.what;
    what.kind = parse_scenario(given.scenario);
    check_flags(what.kind, given.flags);
    check_ways_to_log_in(given);
    what.warm_up = parse_seconds(given.warm_up);
    what.lasts = parse_seconds(given.lasts);
    what.patience = parse_seconds(given.patience);
    what.heart_beat = parse_seconds(given.heart_beat);
    take_steps(what, given);
    if (what.kind == scenario_kind::chat) what.stored = what.receipts = true;
    // The storm is the load; there is nothing to warm.
    if (what.kind == scenario_kind::connect) what.warm_up = seconds(0);

    for (auto const& url : given.urls) server.urls.push_back(parse_url(url));
    if (!given.rest_url.empty()) server.rest = parse_rest_url(given.rest_url);
    for (auto const& header : given.headers) server.connect_headers.push_back(parse_header(header));
    auto& client = server.client;
    client.connect_timeout =
        std::chrono::round<std::chrono::seconds>(parse_seconds(given.connect_timeout));
    client.heart_beat_send = client.heart_beat_receive =
        std::chrono::round<std::chrono::milliseconds>(what.heart_beat);
    if (given.targets.empty()) {
        complete(server, given.profile);
        out.targets.push_back(std::move(server));
    } else {
        server.as = &profile_named(given.profile);
        for (auto const& each : given.targets) out.targets.push_back(read_target(each, server));
    }
    check_kind_of_run(out, given);
    check_claims_are_signed(given, out.targets);
    if (given.has("--first-room") && !what.stored) {
        throw std::invalid_argument(
            "--first-room is for chat rooms: it goes with --stored or chat");
    }
    for (auto const& each : out.targets) check(what, each);
    check_outputs(out.outputs());
    for (auto const& each : given.expectations) out.expectations.push_back(parse_expectation(each));
}

}  // namespace

std::vector<output_file> command::outputs() const {
    return {{"--json", json},
            {"--csv", csv},
            {"--figures-csv", figures_csv},
            {"--html", html},
            {"--markdown", markdown}};
}

std::optional<command> read_command_line(int argc, char const* const* argv, int& status) {
    command out;
    texts given;
    target server;
    server.client.virtual_host.clear();
    server.token_claims = R"({"sub":"{}"})";

    std::vector<std::string> words(argv + 1, argv + argc);
    out.text = "stampede-bench " + shell_line(words);
    out.comparing = !words.empty() && words.front() == "compare";
    if (out.comparing) words.erase(words.begin());

    CLI::App app{
        "Loads a STOMP server and says what it delivers, how fast, and what that costs.\n"
        "  stampede-bench SCENARIO [OPTIONS]            one target\n"
        "  stampede-bench compare SCENARIO [OPTIONS]    several, in turn: A B A B\n"
        "Scenarios: connect, idle, fan-out, direct, churn, resume, slow, chat.\n"
        "Exit status: 0 all is well, 1 the run failed, 2 a wrong command, 3 an expectation "
        "does not hold.",
        "stampede-bench"};
    add_options(app, out, server, given);
    try {
        std::ranges::reverse(words);
        app.parse(words);
    } catch (CLI::ParseError const& error) {
        status = app.exit(error) == 0 ? 0 : usage_error;
        return std::nullopt;
    }
    given.flags = given_flags(app);
    try {
        understand(out, std::move(server), given);
    } catch (std::exception const& error) {
        std::fprintf(stderr, "stampede-bench: %s\n", error.what());
        status = usage_error;
        return std::nullopt;
    }
    return out;
}

std::vector<option_text> option_texts() {
    CLI::App app;
    command out;
    target server;
    texts given;
    add_options(app, out, server, given);
    std::vector<option_text> all;
    auto const add = [&](CLI::App const& of) {
        for (auto const* each : of.get_options()) {
            if (each == of.get_help_ptr() && !all.empty()) continue;  // each group has one
            all.push_back({each->get_name(), each->get_description()});
        }
    };
    add(app);
    // A group of options is an application without a name.
    for (auto const* group : app.get_subcommands([](CLI::App*) { return true; })) add(*group);
    return all;
}

}  // namespace bench
