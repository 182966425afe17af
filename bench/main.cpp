#include "bench/compare/comparison_report.hpp"
#include "bench/compare/rounds.hpp"
#include "bench/plan/command_line.hpp"
#include "bench/report/figures.hpp"
#include "bench/report/format.hpp"
#include "bench/report/live_view.hpp"
#include "bench/report/machine.hpp"
#include "bench/report/page.hpp"
#include "bench/report/run_report.hpp"
#include "bench/run/conductor.hpp"
#include "bench/run/server_watch.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using bench::command;
using bench::run_result;
using bench::target;

constexpr std::chrono::seconds idle_patience{30};
constexpr int failed = 1;
constexpr int not_as_expected = 3;

std::atomic<bool> stop = false;

bool tell_of_stdout() {
    auto const why = std::generic_category().message(errno);
    fmt::print(stderr, "stampede-bench: cannot write to standard output: {}\n", why);
    return false;
}

// To standard output, all of it; tells when it cannot.
bool show(std::string const& text) {
    bool const shown = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    return (shown && std::fflush(stdout) == 0) || tell_of_stdout();
}

// Whatever becomes of one file, the others are written; each that fails is told. `text_of` makes
// what goes with a flag.
template <class TextOf>
bool write_files(command const& all, TextOf text_of) {
    bool good = true;
    for (auto const& file : all.outputs()) {
        if (file.path.empty()) continue;
        auto const problem = bench::write_output(file, text_of(file.flag));
        if (problem.empty()) continue;
        fmt::print(stderr, "stampede-bench: {}\n", problem);
        good = false;
    }
    return good;
}

// What the live view shows of a moment; keeps the seconds, of which a moment has only the new ones.
class watcher {
public:
    watcher(command const& all, target const& server)
        : view_(STDERR_FILENO, all.quiet),
          target_(server.name),
          scenario_(bench::describe(all.what)) {}

    void on(bench::moment const& now) {
        seconds_.insert(seconds_.end(), now.seconds.begin(), now.seconds.end());
        view_.on({.target = target_,
                  .scenario = scenario_,
                  .phase = bench::to_string(now.phase),
                  .elapsed = now.elapsed,
                  .lasts = now.whole,
                  .sessions = now.sessions,
                  .sessions_wanted = now.sessions_wanted,
                  .seconds = seconds_});
    }
    void finish() { view_.finish(); }

private:
    bench::live_view view_;
    std::string target_;
    std::string scenario_;
    std::vector<bench::second> seconds_;
};

run_result run(command const& all, target const& server) {
    watcher watch(all, server);
    auto found = bench::run_plan(
        server, all.what, [&](bench::moment const& now) { watch.on(now); }, stop);
    watch.finish();
    found.command = all.text;
    found.machine = bench::describe_machine();
    bench::add_figures(found);
    return found;
}

bench::text_style style() {
    return {.width = bench::size_of(STDOUT_FILENO).columns,
            .colour = bench::terminal_of(STDOUT_FILENO).colour};
}

int run_once(command const& all) {
    auto const found = run(all, all.targets.front());
    bench::run_report const report{found, bench::judge(all.expectations, found)};
    bool const shown = show(bench::summary_of(report, style()));
    bool const written = write_files(all, [&](std::string_view flag) {
        if (flag == "--json") return bench::json_of(report);
        if (flag == "--csv") return bench::csv_of_seconds(found);
        if (flag == "--figures-csv") return bench::csv_of_figures(found);
        return bench::html_of(report);
    });
    if (found.failed) {
        for (auto const& [text, times] : found.errors)
            fmt::print(stderr, "stampede-bench: {}\n", bench::harmless(text));
    }
    if (found.failed || !shown || !written) return failed;
    return report.passed() ? 0 : not_as_expected;
}

// What one target still does after its load would be charged to the other, or be in its way.
void wait_for_idle_servers(command const& all) {
    std::vector<pid_t> processes;
    for (auto const& each : all.targets)
        processes.insert(processes.end(), each.pids.begin(), each.pids.end());
    if (bench::server_watch(std::move(processes)).wait_until_idle(idle_patience, stop) || stop)
        return;
    fmt::print(stderr,
               "stampede-bench: the servers are busy after {} s without a load: what follows "
               "is not only its own cost\n",
               idle_patience.count());
}

int compare(command const& all) {
    auto const made = bench::make_rounds(
        all.targets, all.rounds, all.expectations,
        [&](std::size_t round, target const& server) {
            if (!all.quiet) {
                fmt::print(stderr, "round {} of {}: {}\n", round + 1, all.rounds, server.name);
            }
            wait_for_idle_servers(all);
            return run(all, server);
        },
        stop);
    if (!made.cut_short.empty()) {
        fmt::print(stderr, "stampede-bench: the comparison was cut short in {}\n",
                   bench::harmless(made.cut_short));
    }
    if (made.whole.empty()) return failed;
    bench::comparison_report const report{.rounds = made.whole,
                                          .table = bench::compare(made.whole),
                                          .command = all.text,
                                          .verdicts = made.verdicts,
                                          .rounds_wanted = all.rounds,
                                          .cut_short = made.cut_short};
    bool const shown = show(bench::comparison_text(report, style()));
    bool const written = write_files(all, [&](std::string_view flag) {
        if (flag == "--json") return bench::comparison_json(report);
        if (flag == "--csv") return bench::comparison_csv_of_seconds(report);
        if (flag == "--figures-csv") return bench::comparison_csv_of_figures(report);
        if (flag == "--html") return bench::comparison_html(report);
        return bench::comparison_markdown(report.table, {});
    });
    if (!made.cut_short.empty() || !shown || !written) return failed;
    return made.as_expected() ? 0 : not_as_expected;
}

}  // namespace

int main(int argc, char** argv) {
    int status = 0;
    auto const all = bench::read_command_line(argc, argv, status);
    if (!all) {
        // The help, or the version, which may be on its way or have failed.
        bool const lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
        return status == 0 && lost && !tell_of_stdout() ? failed : status;
    }
    std::signal(SIGPIPE, SIG_IGN);
    // The first one ends the run with what was found so far, the second one at once.
    std::signal(SIGINT, [](int) {
        if (!stop.exchange(true)) return;
        // The shell's prompt goes below what the live view has drawn.
        [[maybe_unused]] auto const written = write(STDERR_FILENO, "\n", 1);
        _exit(failed);
    });
    try {
        return all->comparing ? compare(*all) : run_once(*all);
    } catch (std::exception const& error) {
        fmt::print(stderr, "stampede-bench: {}\n", bench::harmless(error.what()));
        return failed;
    }
}
