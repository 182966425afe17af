#include "bench/report/format.hpp"
#include "bench/report/run_report.hpp"
#include "tests/bench/report_sample.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace bench;

namespace {

bool has(std::string const& text, std::string_view what) {
    INFO(text);
    return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("the summary tells latencies, rates, faults, errors, verdicts and warnings") {
    run_result const result = sample_result({.lost = 4});
    run_report const report{
        result,
        judge({parse_expectation("lost == 0"), parse_expectation("delivery_p99 < 1 s")}, result)};
    std::string const text = summary_of(report, {.width = 100, .colour = false});
    CHECK(has(text, "fan-out 100 x 20"));
    CHECK(has(text, "28 s measured"));
    CHECK(has(text, "\n  delivery "));
    CHECK(has(text, "\n  receipt "));
    CHECK(has(text, "p99.9"));
    CHECK(has(text, "lost 4"));
    CHECK(has(text, "        3  closed by the server: 1011 \"internal\"\n"));
    CHECK(has(text, "FAILED  lost == 0: 4\n"));
    CHECK(has(text, "passed  delivery_p99 < 1 s: "));
    CHECK(has(text, "warning: 3 clients"));
    CHECK_FALSE(has(text, "\x1b"));
}

TEST_CASE("no line of the tables is wider than the terminal") {
    run_result const result = sample_result();
    for (std::size_t const width : {40u, 60u, 80u, 100u, 200u}) {
        std::istringstream in{summary_of({result, {}}, {.width = width, .colour = false})};
        for (std::string line; std::getline(in, line);) {
            CHECK_MESSAGE(columns_of(line) <= width, line);
        }
    }
}

TEST_CASE("colour is there only when the terminal has it") {
    run_result const result = sample_result();
    CHECK(has(summary_of({result, {}}, {.width = 80, .colour = true}), "\x1b[1m"));
    CHECK_FALSE(has(summary_of({result, {}}, {.width = 80, .colour = false}), "\x1b"));
}

TEST_CASE("a run that failed says so first") {
    run_result result;
    result.scenario = "idle";
    result.failed = true;
    result.errors["refused"] = 1;
    CHECK(has(summary_of({result, {}}, {}), "ended before its time"));
}

TEST_CASE("where there is no room for a table, latencies are told one after the other") {
    run_result const result = sample_result();
    std::string const text = summary_of({result, {}}, {.width = 40});
    CHECK(has(text, "\ndelivery\n  p50 "));
    CHECK(has(text, "p99.9 "));
    CHECK(has(text, "max "));
}

TEST_CASE("a server's text is no command to the terminal") {
    run_result result = sample_result();
    result.errors["ERROR: \x1b[2J"] = 1;
    result.warnings.push_back("it said \x1b[2J");
    std::string const text = summary_of({result, {}}, {});
    CHECK(has(text, "ERROR: \\x1b[2J"));
    CHECK(has(text, "it said \\x1b[2J"));
    CHECK_FALSE(has(text, "\x1b"));
}
