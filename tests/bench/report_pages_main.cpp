// Writes the pages and texts of fixed results, for browser tests and for a look.
//
// usage: stampede-test-bench-pages DIRECTORY

#include "bench/compare/comparison_report.hpp"
#include "bench/report/page.hpp"
#include "bench/report/progress.hpp"
#include "tests/bench/report_sample.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

namespace {

void write(std::filesystem::path const& to, std::string const& text) {
    std::ofstream out{to};
    out << text;
    out.close();
    if (!out) throw std::runtime_error("cannot write " + to.string());
}

void write_run(std::filesystem::path const& folder) {
    bench::run_result const result = bench::sample_result({.lost = 4});
    bench::run_report const report{result,
                                   bench::judge({bench::parse_expectation("delivery_p99 < 50 ms"),
                                                 bench::parse_expectation("lost == 0")},
                                                result)};
    write(folder / "run.html", bench::html_of(report));
    write(folder / "run.json", bench::json_of(report));
    std::cout << bench::summary_of(report, {.width = 100, .colour = false});
}

void write_comparison(std::filesystem::path const& folder) {
    std::vector<std::vector<bench::run_result>> rounds;
    for (double const noise : {1.0, 1.1, 0.95}) {
        bench::run_result own = bench::sample_result({.slower = noise});
        bench::run_result other = bench::sample_result({.slower = 40 * noise * noise});
        other.target = "rabbitmq";
        rounds.push_back({std::move(own), std::move(other)});
    }
    bench::comparison_report report{rounds, bench::compare(rounds),
                                    "stampede-bench compare fan-out.toml --rounds 3"};
    for (auto const& round : rounds) {
        report.verdicts.push_back(
            bench::judge({bench::parse_expectation("delivery_p50 < 500 us")}, round.front()));
    }
    write(folder / "comparison.html", bench::comparison_html(report));
    std::cout << bench::comparison_text(report, {.width = 100, .colour = false});
}

void show_progress() {
    bench::run_result const result = bench::sample_result({.lost = 1});
    bench::progress now;
    now.target = result.target;
    now.scenario = result.scenario;
    now.phase = "measuring";
    now.elapsed = 28;
    now.lasts = 40;
    now.sessions = now.sessions_wanted = 2100;
    now.seconds = result.seconds;
    now.errors = &result.errors;
    for (auto const& line : bench::render(now, {.width = 100})) std::cout << line << '\n';
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: stampede-test-bench-pages DIRECTORY\n";
        return 2;
    }
    std::filesystem::path const folder = arguments[1];
    std::filesystem::create_directories(folder);
    write_run(folder);
    write_comparison(folder);
    show_progress();
    return 0;
}
