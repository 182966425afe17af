#include "bench/plan/command_line.hpp"

#include "bench/measure/stamp.hpp"
#include "bench/plan/values.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <string_view>
#include <utility>

namespace bench {
namespace {

constexpr int usage_error = 2;
constexpr std::size_t most_body_bytes = 64U << 20U;
constexpr double most_per_second = 1e9;

// What is read as text and understood afterwards.
struct texts {
    std::string scenario;
    std::vector<std::string> urls;
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
};

void add_target_options(CLI::App& app, target& server, texts& given) {
    auto& client = server.client;
    auto* const group = app.add_option_group("Target");
    group->add_option(
        "--url", given.urls,
        "ws:// wss:// sockjs:// sockjss:// stomp:// stomps://; several are taken in turn");
    group->add_option("--profile", given.profile, std::string(profile_names()))
        ->capture_default_str();
    group->add_option("--pid", server.pids,
                      "the server's processes: their CPU and memory are measured");
    group->add_option("--login", server.login, "{} is the client's number")
        ->envname("STAMPEDE_BENCH_LOGIN");
    group->add_option("--passcode", server.passcode)->envname("STAMPEDE_BENCH_PASSCODE");
    group->add_option("--user", server.user, "the number of the one user that all clients are")
        ->capture_default_str();
    group->add_option("--token-file", server.token_file, "a JWT per line, taken in turn");
    group->add_option("--token-secret-file", server.token_secret_file,
                      "signs an HS256 token for each client");
    group
        ->add_option("--token-claims", server.token_claims,
                     "JSON; {} is the client's number; exp is added")
        ->capture_default_str();
    group->add_option("--header", given.headers, "of CONNECT, \"name: value\"");
    group->add_option("--virtual-host", client.virtual_host, "CONNECT's host header");
    group->add_option("--accept-version", client.accept_version)->capture_default_str();
    group->add_option("--ca", client.certificate_authority, "a PEM file to trust");
    group->add_flag("!--insecure", client.verify_certificate, "take any certificate");
    group->add_option("--connect-timeout", given.connect_timeout)->capture_default_str();
    group->add_option("--target", given.targets,
                      "for compare, one each: \"name=a;profile=rabbitmq;url=ws://...;pid=1\"");
}

void add_load_options(CLI::App& app, plan& what, texts& given) {
    auto* const group = app.add_option_group("Load");
    group->add_option("--rooms", what.rooms)->capture_default_str()->check(CLI::PositiveNumber);
    group->add_option("--subscribers", what.subscribers, "of each room; chat: people in it")
        ->capture_default_str();
    group->add_option("--publishers", what.publishers, "of each room")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    group->add_option("--sessions", what.sessions, "connect, idle")->capture_default_str();
    group->add_option("--pairs", what.pairs, "direct")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    group->add_option("--slow-readers", what.slow_readers, "slow: subscribers that stop reading")
        ->capture_default_str();
    group->add_flag("--stored", what.stored, "chat rooms and their stored messages");
    group->add_option("--first-room", what.first_room,
                      "use the rooms from this number on, not new ones");
    group->add_option("--body", what.body_bytes, "bytes")
        ->capture_default_str()
        ->check(CLI::Range(stamp_size, most_body_bytes));
    group->add_flag("--receipts", what.receipts, "ask for a RECEIPT of each message");
    group
        ->add_option("--rate", given.rate,
                     "messages per second over all publishers, without --step; 0: full load")
        ->check(CLI::Range(0.0, most_per_second));
    group->add_option("--step", given.steps,
                      "\"20000/s for 5 s\" or \"0..20000/s for 10 s\", in turn");
    group->add_option("--duration", given.lasts, "of the measured time without --step")
        ->capture_default_str();
    group->add_option("--warm-up", given.warm_up)->capture_default_str();
    group->add_option("--patience", given.patience, "for what is still on its way at the end")
        ->capture_default_str();
    group->add_option("--window", what.window, "at full load: messages on their way per publisher")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    group
        ->add_option("--connecting", what.connecting,
                     "clients that connect at a time; churn: clients")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    group
        ->add_option("--connects-per-second", what.connects_per_second,
                     "0: as fast as they succeed")
        ->check(CLI::Range(0.0, most_per_second));
    group->add_option("--heart-beat", given.heart_beat, "both ways")->capture_default_str();
    group->add_option("--threads", what.threads)->capture_default_str()->check(CLI::Range(1, 256));
    group->add_option("--source", what.sources, "addresses to connect from, in turn");
}

void add_report_options(CLI::App& app, command& out, texts& given) {
    auto* const group = app.add_option_group("Report");
    group->add_option("--expect", given.expectations,
                      "\"delivery_p99 < 5 ms\": exit status 3 when it does not hold");
    group->add_option("--json", out.json, "a file for everything");
    group->add_option("--csv", out.csv, "a file with a line per second");
    group->add_option("--figures-csv", out.figures_csv, "a file with a line per figure");
    group->add_option("--html", out.html, "a file to look at");
    group->add_option("--markdown", out.markdown, "compare: a file with the table");
    group->add_option("--rounds", out.rounds, "compare: how often each target has its turn")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    group->add_flag("--quiet", out.quiet, "nothing but the summary");
}

void understand(command& out, target server, texts const& given) {
    auto& what = out.what;
    what.kind = parse_scenario(given.scenario);
    what.warm_up = parse_seconds(given.warm_up);
    what.lasts = parse_seconds(given.lasts);
    what.patience = parse_seconds(given.patience);
    what.heart_beat = parse_seconds(given.heart_beat);
    for (auto const& step : given.steps) what.steps.push_back(parse_step(step));
    if (given.rate > 0 && what.steps.empty()) what.steps = {{given.rate, given.rate, what.lasts}};
    if (what.kind == scenario_kind::chat) what.stored = what.receipts = true;
    // The storm is the load; there is nothing to warm.
    if (what.kind == scenario_kind::connect) what.warm_up = seconds(0);

    for (auto const& url : given.urls) server.urls.push_back(parse_url(url));
    for (auto const& header : given.headers) server.connect_headers.push_back(parse_header(header));
    auto& client = server.client;
    client.connect_timeout =
        std::chrono::duration_cast<std::chrono::seconds>(parse_seconds(given.connect_timeout));
    client.heart_beat_send = client.heart_beat_receive =
        std::chrono::duration_cast<std::chrono::milliseconds>(what.heart_beat);
    if (given.targets.empty()) {
        complete(server, given.profile);
        out.targets.push_back(std::move(server));
    } else {
        server.as = find_profile(given.profile);
        for (auto const& each : given.targets) out.targets.push_back(parse_target(each, server));
    }
    if (out.targets.size() > 1 && !out.comparing) {
        throw std::invalid_argument(
            "several targets are for compare: stampede-bench compare SCENARIO ...");
    }
    for (auto const& each : out.targets) check(what, each);
    for (auto const& each : given.expectations) out.expectations.push_back(parse_expectation(each));
}

}  // namespace

std::optional<command> read_command_line(int argc, char const* const* argv, int& status) {
    command out;
    texts given;
    target server;
    server.client.virtual_host.clear();
    server.token_claims = R"({"sub":"{}"})";

    std::vector<std::string> words(argv + 1, argv + argc);
    out.text = "stampede-bench";
    for (auto const& word : words) {
        bool const plain = word.find_first_of(" ;\"'$") == std::string::npos;
        out.text += plain ? " " + word : " '" + word + "'";
    }
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
    app.add_option("scenario", given.scenario)->required();
    app.set_config("--file", "", "a TOML file whose keys are these options' names");
    app.allow_config_extras(CLI::config_extras_mode::error);
    add_target_options(app, server, given);
    add_load_options(app, out.what, given);
    add_report_options(app, out, given);
    try {
        std::ranges::reverse(words);
        app.parse(words);
    } catch (CLI::ParseError const& error) {
        status = app.exit(error) == 0 ? 0 : usage_error;
        return std::nullopt;
    }
    try {
        understand(out, std::move(server), given);
    } catch (std::exception const& error) {
        std::fprintf(stderr, "stampede-bench: %s\n", error.what());
        status = usage_error;
        return std::nullopt;
    }
    return out;
}

}  // namespace bench
