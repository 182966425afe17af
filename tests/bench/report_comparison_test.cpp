#include "bench/compare/comparison.hpp"
#include "bench/compare/comparison_report.hpp"
#include "tests/bench/report_sample.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <stdexcept>

using namespace bench;

namespace {

run_result run_of(std::string target, std::vector<figure> figures) {
    run_result run;
    run.target = std::move(target);
    run.scenario = "idle";
    run.figures = std::move(figures);
    return run;
}

std::vector<std::vector<run_result>> three_rounds() {
    std::vector<std::vector<run_result>> rounds;
    for (auto const& [a, b] : {std::pair{1.0, 3.0}, {2.0, 4.0}, {4.0, 40.0}}) {
        rounds.push_back({run_of("a", {{"delivery_p99", a, "ms"}, {"lost", 0, ""}}),
                          run_of("b", {{"delivery_p99", b, "ms"}, {"lost", 5, ""}})});
    }
    rounds[1][0].figures.push_back({"own", 9, "ms"});
    return rounds;
}

compared_figure const& named(comparison const& table, std::string_view name) {
    for (compared_figure const& one : table.figures) {
        if (one.name == name) return one;
    }
    FAIL("no figure " << name);
    return table.figures.front();
}

}  // namespace

TEST_CASE("a ratio is the median of the rounds' ratios, not the ratio of the medians") {
    comparison const table = compare(three_rounds());
    CHECK(table.targets == std::vector<std::string>{"a", "b"});
    compared_figure const& p99 = named(table, "delivery_p99");
    CHECK(p99.medians == std::vector<std::optional<double>>{2.0, 4.0});
    REQUIRE(p99.ratios[1]);
    CHECK(p99.ratios[1]->median == 3);  // of 3, 2 and 10
    CHECK(p99.ratios[1]->least == 2);
    CHECK(p99.ratios[1]->most == 10);
    CHECK(p99.ratios[1]->rounds == 3);
    CHECK(p99.ratios[0]->median == 1);
}

TEST_CASE("there is no ratio to 0 or to what was not measured") {
    comparison const table = compare(three_rounds());
    CHECK(named(table, "lost").medians[1] == 5);
    CHECK_FALSE(named(table, "lost").ratios[1]);
    CHECK(named(table, "own").medians[0] == 9);
    CHECK_FALSE(named(table, "own").medians[1]);
    CHECK_FALSE(named(table, "own").ratios[1]);
    CHECK(table.figures.back().name == "own");
}

TEST_CASE("the median of an even number is the mean of the middle two") {
    CHECK(median({3}) == 3);
    CHECK(median({4, 1}) == 2.5);
    CHECK(median({9, 1, 2, 4}) == 3);
}

TEST_CASE("rounds that do not match are refused") {
    CHECK_THROWS_AS(compare({}), std::invalid_argument);
    CHECK_THROWS_AS(compare({{}}), std::invalid_argument);
    auto rounds = three_rounds();
    rounds[1].pop_back();
    CHECK_THROWS_AS(compare(rounds), std::invalid_argument);
    rounds = three_rounds();
    std::swap(rounds[1][0], rounds[1][1]);
    CHECK_THROWS_AS(compare(rounds), std::invalid_argument);
}

TEST_CASE("ratios are written with their spread") {
    CHECK(ratio_text({2.054, 1.98, 2.314, 3}) == "2.05x (1.98x to 2.31x)");
    CHECK(ratio_text({0.126, 0.12, 0.2, 2}) == "0.126x (0.120x to 0.200x)");
    CHECK(ratio_text({121.3, 121.3, 121.3, 1}) == "121x");
    CHECK(ratio_text({0, 0, 0, 1}) == "0x");
}

TEST_CASE("a comparison as Markdown has a row for each figure that was asked for") {
    comparison const table = compare(three_rounds());
    std::array<std::string_view, 2> const names = {"lost", "delivery_p99"};
    CHECK(comparison_markdown(table, names) ==
          "| figure | a | b | ratio |\n"
          "| --- | --- | --- | --- |\n"
          "| lost | 0 | 5 | - |\n"
          "| delivery_p99, ms | 2 | 4 | 3.00x (2.00x to 10.0x) |\n");
    CHECK(comparison_markdown(table, {}).find("| own, ms | 9 | - | - |\n") != std::string::npos);
}

TEST_CASE("a comparison as text names its targets and the spread") {
    auto const rounds = three_rounds();
    std::string const text = comparison_text({rounds, compare(rounds), ""}, {});
    INFO(text);
    CHECK(text.find("medians of 3 rounds; ratios to a (least to most)") != std::string::npos);
    CHECK(text.find("3.00x (2.00x to 10.0x)") != std::string::npos);
    CHECK(text.find("\x1b") == std::string::npos);
    CHECK(comparison_text({rounds, compare(rounds), ""}, {.width = 80, .colour = true})
              .find("\x1b[1;31m3.00x") != std::string::npos);
}

TEST_CASE("values of a comparison stand apart, and its warnings in their round") {
    auto rounds = three_rounds();
    for (auto& round : rounds) {
        for (auto& run : round) run.figures.push_back({"bench_cpu", 0.0252345, "cores"});
    }
    rounds[1][1].warnings.push_back("the bench was \x1b[2J");
    std::string const text = comparison_text({rounds, compare(rounds), ""}, {});
    INFO(text);
    CHECK(text.find("  0.0252 cores  0.0252 cores") != std::string::npos);
    CHECK(text.find("warning: round 2, b: the bench was \\x1b[2J\n") != std::string::npos);
}

TEST_CASE("a name does not break the Markdown") {
    auto rounds = three_rounds();
    for (auto& round : rounds) round[1].target = "b|c";
    CHECK(comparison_markdown(compare(rounds), {}).starts_with("| figure | a | b\\|c | ratio |\n"));
}

TEST_CASE("the JSON of a comparison holds its table and all of its runs") {
    auto slower = sample_result({.seconds = 4, .slower = 2});
    slower.target = "other";
    std::vector<std::vector<run_result>> const rounds = {{sample_result({.seconds = 4}), slower},
                                                         {sample_result({.seconds = 4}), slower}};
    simdjson::dom::parser parser;
    simdjson::dom::element const root =
        parser.parse(comparison_json({rounds, compare(rounds), "stampede-bench compare"}));
    CHECK(std::int64_t{root["format"]} == 1);
    CHECK(std::string_view{root["kind"]} == "comparison");
    CHECK(std::string_view{root["targets"].at(1)} == "other");
    auto const p50 = root["figures"]["delivery_p50"];
    CHECK(double{p50["ratios"].at(1)["median"]} == doctest::Approx(2).epsilon(0.02));
    CHECK(std::string_view{p50["better"]} == "lower");
    CHECK(std::string_view{root["rounds"].at(1).at(1)["target"]} == "other");
    CHECK(double{root["rounds"].at(0).at(0)["figures"]["sent_rate"]["value"]} > 0);
}

TEST_CASE("what was expected of the first target is told for each round") {
    auto const rounds = three_rounds();
    comparison_report report{rounds, compare(rounds), ""};
    for (auto const& round : rounds) {
        report.verdicts.push_back(judge({parse_expectation("delivery_p99 < 3 ms")}, round.front()));
    }
    std::string const text = comparison_text(report, {});
    CHECK(text.find("passed  round 2: delivery_p99 < 3 ms: 2 ms\n") != std::string::npos);
    CHECK(text.find("FAILED  round 3: delivery_p99 < 3 ms: 4 ms\n") != std::string::npos);
    simdjson::dom::parser parser;
    simdjson::dom::element const root = parser.parse(comparison_json(report));
    CHECK_FALSE(bool{root["rounds"].at(2).at(0)["passed"]});
    CHECK(bool{root["rounds"].at(2).at(1)["passed"]});
}

TEST_CASE("a comparison that was cut short says so, and of how many rounds") {
    auto const rounds = three_rounds();
    comparison_report const report{.rounds = rounds,
                                   .table = compare(rounds),
                                   .command = "",
                                   .rounds_wanted = 5,
                                   .cut_short = "round 4 of 5, b: it broke"};
    auto const text = comparison_text(report, {});
    CHECK(text.find("medians of 3 rounds of 5;") != std::string::npos);
    CHECK(text.find("cut short in round 4 of 5, b: it broke\n") != std::string::npos);
    auto const json = comparison_json(report);
    CHECK(json.find("\"rounds_wanted\": 5,") != std::string::npos);
    CHECK(json.find("\"cut_short\": \"round 4 of 5, b: it broke\"") != std::string::npos);
    auto const whole = comparison_json({.rounds = rounds, .table = compare(rounds), .command = ""});
    CHECK(whole.find("\"rounds_wanted\": 3,") != std::string::npos);
    CHECK(whole.find("\"cut_short\": null,") != std::string::npos);
}

TEST_CASE("the CSVs of a comparison have each run's lines with its round and target") {
    std::vector<std::vector<run_result>> rounds{
        {run_of("a", {{"lost", 1, ""}}), run_of("b, \"new\"", {{"lost", 2, ""}})},
        {run_of("a", {{"lost", 3, ""}}), run_of("b, \"new\"", {{"sent", 4, ""}})}};
    for (auto& round : rounds) {
        for (auto& run : round) run.seconds.resize(2);
    }
    comparison_report const report{.rounds = rounds, .table = compare(rounds), .command = ""};
    CHECK(comparison_csv_of_figures(report) ==
          "round,target,name,value,unit\n"
          "1,a,lost,1,\n"
          "1,\"b, \"\"new\"\"\",lost,2,\n"
          "2,a,lost,3,\n"
          "2,\"b, \"\"new\"\"\",sent,4,\n");
    auto const seconds = comparison_csv_of_seconds(report);
    CHECK(seconds.starts_with("round,target,at,lasted,"));
    CHECK(std::count(seconds.begin(), seconds.end(), '\n') == 1 + 4 * 2);
    CHECK(seconds.find("\n2,a,0,1,") != std::string::npos);
}
