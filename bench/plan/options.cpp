#include "bench/plan/options.hpp"

#include "bench/client/addresses.hpp"
#include "bench/measure/stamp.hpp"
#include "bench/plan/limits.hpp"
#include "bench/plan/scenario_file.hpp"
#include "bench/plan/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string_view>

namespace bench {
namespace {

constexpr std::size_t most_body_bytes = 64U << 20U;
constexpr std::uint64_t most_of_each = 1'000'000;
constexpr std::uint64_t most_sessions = 10'000'000;
constexpr std::uint64_t most_numbers = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t most_processes = 1U << 22U;  // PID_MAX_LIMIT of Linux

bool is_given(CLI::Option const& option) {
    if (option.count() == 0) return false;
    bool const is_switch = option.get_expected_max() == 0;
    if (is_switch) return option.results() != std::vector<std::string>{"false"};
    auto const& name = option.get_envname();
    auto const* const inherited = name.empty() ? nullptr : std::getenv(name.c_str());
    return inherited == nullptr || option.results() != std::vector<std::string>{inherited};
}

void add_target_options(CLI::App& app, target& server, texts& given) {
    auto& client = server.client;
    auto* const group = app.add_option_group("Target");
    group
        ->add_option(
            "--url", given.urls,
            "ws:// wss:// sockjs:// sockjss:// stomp:// stomps://; several are taken in turn")
        ->check(understood_by(parse_url));
    group
        ->add_option("--rest-url", given.rest_url,
                     "http:// or https:// where rooms and history are, if not where the first "
                     "--url is")
        ->check(understood_by(parse_rest_url));
    group->add_option("--profile", given.profile, std::string(profile_names()))
        ->capture_default_str()
        ->check(understood_by(profile_named));
    group
        ->add_option("--pid", server.pids,
                     "the server's processes: their CPU and memory are measured")
        ->check(whole_number(1, most_processes));
    group->add_option("--login", server.login, "the user's name; {} is the client's number")
        ->envname("STAMPEDE_BENCH_LOGIN");
    group
        ->add_option("--passcode", server.passcode,
                     "the user's password; {} is the client's number")
        ->envname("STAMPEDE_BENCH_PASSCODE");
    group->add_option("--user", server.user, "the number of the one user that all clients are")
        ->capture_default_str()
        ->check(whole_number(1, most_numbers));
    group->add_option("--token-file", server.token_file, "a JWT per line, taken in turn");
    group->add_option("--token-secret-file", server.token_secret_file,
                      "signs an HS256 token for each client");
    group
        ->add_option("--token-claims", server.token_claims,
                     "a JSON object; {} is the client's number; exp is added if it has none")
        ->capture_default_str();
    group->add_option("--header", given.headers, "of CONNECT, \"name: value\"")
        ->check(understood_by(parse_header));
    group->add_option("--virtual-host", client.virtual_host, "CONNECT's host header");
    group
        ->add_option("--accept-version", client.accept_version,
                     "CONNECT's accept-version header: the versions of STOMP")
        ->capture_default_str();
    group->add_option("--ca", client.certificate_authority, "a PEM file to trust");
    group->add_flag("!--insecure", client.verify_certificate, "take any certificate");
    group
        ->add_option("--connect-timeout", given.connect_timeout,
                     "how long a client may take to be CONNECTED, in whole seconds")
        ->capture_default_str()
        ->check(whole_time(std::chrono::seconds(1), std::chrono::seconds(1)));
    group->add_option("--target", given.targets,
                      "for compare, one each: \"name=a;profile=rabbitmq;url=ws://...;pid=1\"");
}

void add_people_options(CLI::App& app, plan& what) {
    auto* const group = app.add_option_group("Clients");
    group->add_option("--rooms", what.rooms, "how many rooms, or topics, there are")
        ->capture_default_str()
        ->check(whole_number(1, most_of_each));
    group->add_option("--subscribers", what.subscribers, "of each room; chat: people in it")
        ->capture_default_str()
        ->check(whole_number(0, most_of_each));
    group->add_option("--publishers", what.publishers, "of each room")
        ->capture_default_str()
        ->check(whole_number(1, most_of_each));
    group->add_option("--sessions", what.sessions, "connect, idle: how many clients there are")
        ->capture_default_str()
        ->check(whole_number(1, most_sessions));
    group->add_option("--pairs", what.pairs, "direct: how many pairs of users there are")
        ->capture_default_str()
        ->check(whole_number(1, most_of_each));
    group->add_option("--slow-readers", what.slow_readers, "slow: subscribers that stop reading")
        ->capture_default_str()
        ->check(whole_number(0, most_sessions));
    group
        ->add_option("--turnover", what.turnover,
                     "chat: of 100 actions so many are somebody who leaves or comes back")
        ->capture_default_str()
        ->check(whole_number(0, 50));
    group->add_flag("--stored", what.stored, "chat rooms and their stored messages");
    group->add_flag("--publishers-stay", what.publishers_stay,
                    "resume: only the subscribers are cut off");
    group->add_flag("--user-queues", what.user_queues,
                    "direct: to the queues of users by name, as Spring has them");
    group
        ->add_option("--first-room", what.first_room,
                     "use the rooms from this number on, not new ones; 0: new ones")
        ->check(whole_number(0, most_numbers));
    group
        ->add_option("--connecting", what.connecting,
                     "clients that connect at a time; churn: clients")
        ->capture_default_str()
        ->check(whole_number(1, most_of_each));
    group
        ->add_option("--connects-per-second", what.connects_per_second,
                     "0: as fast as they succeed")
        ->check(rate_or_zero());
    group
        ->add_option("--threads", what.threads,
                     "threads of the bench that share the clients; each needs a core")
        ->capture_default_str()
        ->check(whole_number(1, 256));
    group->add_option("--source", what.sources, "addresses to connect from, in turn")
        ->check(understood_by([](std::string const& text) { return numeric_address(text, 0); }));
}

void add_load_options(CLI::App& app, plan& what, texts& given) {
    auto* const group = app.add_option_group("Load");
    group->add_option("--body", what.body_bytes, "bytes of each message")
        ->capture_default_str()
        ->check(whole_number(stamp_size, most_body_bytes));
    group->add_flag("--receipts", what.receipts, "ask for a RECEIPT of each message");
    group
        ->add_option("--rate", given.rate,
                     "messages per second over all publishers, instead of --step; 0: full load")
        ->check(rate_or_zero());
    group
        ->add_option("--step", given.steps,
                     "\"20000/s for 5 s\" or \"0..20000/s for 10 s\", in turn")
        ->check(understood_by(parse_step));
    group->add_option("--duration", given.lasts, "of the measured time without --step")
        ->capture_default_str()
        ->check(time_from(1));
    group
        ->add_option("--warm-up", given.warm_up,
                     "how long the load lasts before it is measured; connect has none")
        ->capture_default_str()
        ->check(time_from(0));
    group->add_option("--patience", given.patience, "for what is still on its way at the end")
        ->capture_default_str()
        ->check(time_from(0));
    group->add_option("--window", what.window, "at full load: messages on their way per publisher")
        ->capture_default_str()
        ->check(whole_number(1, most_of_each));
    group
        ->add_option("--heart-beat", given.heart_beat,
                     "both ways, in whole milliseconds; 0 s: none")
        ->capture_default_str()
        ->check(whole_time(std::chrono::milliseconds(0), std::chrono::milliseconds(1)));
}

void add_report_options(CLI::App& app, command& out, texts& given) {
    auto* const group = app.add_option_group("Report");
    group
        ->add_option("--expect", given.expectations,
                     "\"delivery_p99 < 5 ms\": exit status 3 when it does not hold")
        ->check(understood_by(parse_expectation));
    group->add_option("--json", out.json, "a file for everything");
    group->add_option("--csv", out.csv, "a file with a line per second");
    group->add_option("--figures-csv", out.figures_csv, "a file with a line per figure");
    group->add_option("--html", out.html, "a file to look at");
    group->add_option("--markdown", out.markdown, "compare: a file with the table");
    group->add_option("--rounds", out.rounds, "compare: how often each target has its turn")
        ->capture_default_str()
        ->check(whole_number(1, 1000));
    group->add_flag("--quiet", out.quiet, "nothing but the summary");
}

}  // namespace

void add_options(CLI::App& app, command& out, target& server, texts& given) {
    app.add_option(
           "scenario", given.scenario,
           "connect, idle, fan-out, direct, churn, resume (all are cut off and come back), slow or "
           "chat")
        ->required()
        ->check(understood_by(parse_scenario));
    app.set_version_flag("--version", "stampede-bench " STAMPEDE_VERSION);
    app.set_config("--file", "", "a TOML file whose keys are these options' names");
    app.config_formatter(std::make_shared<scenario_file>(app));
    app.allow_config_extras(CLI::config_extras_mode::error);
    add_target_options(app, server, given);
    add_people_options(app, out.what);
    add_load_options(app, out.what, given);
    add_report_options(app, out, given);
}

bool texts::has(std::string_view flag) const noexcept {
    return std::ranges::find(flags, flag) != flags.end();
}

std::vector<std::string> given_flags(CLI::App const& app) {
    std::vector<std::string> out;
    auto const add = [&](CLI::App const& of) {
        for (auto const* each : of.get_options()) {
            if (is_given(*each)) out.push_back(each->get_name());
        }
    };
    add(app);
    // A group of options is an application without a name.
    for (auto const* group : app.get_subcommands([](CLI::App const*) { return true; })) {
        add(*group);
    }
    return out;
}

}  // namespace bench
