#include "bench/report/figures.hpp"
#include "bench/report/json_writer.hpp"
#include "bench/report/page.hpp"
#include "bench/report/run_report.hpp"
#include "tests/bench/report_sample.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <algorithm>
#include <sstream>

using namespace bench;

namespace {

std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

}  // namespace

TEST_CASE("the JSON of a run holds its figures, counts, seconds and histograms") {
    run_result const result = sample_result({.seconds = 5, .lost = 4});
    run_report const report{result, judge({parse_expectation("lost == 0")}, result)};
    std::string const text = json_of(report);
    simdjson::dom::parser parser;
    simdjson::dom::element const root = parser.parse(text);

    CHECK(std::int64_t{root["format"]} == 1);
    CHECK(std::string_view{root["kind"]} == "run");
    CHECK(std::string_view{root["target"]} == result.target);
    CHECK(std::string_view{root["command"]} == result.command);
    CHECK_FALSE(bool{root["passed"]});
    for (figure const& one : result.figures) {
        CHECK(double{root["figures"][one.name]["value"]} == doctest::Approx(one.value));
        CHECK(std::string_view{root["figures"][one.name]["unit"]} == one.unit);
    }
    CHECK(std::uint64_t{root["arrivals"]["lost"]} == 4);
    CHECK(std::uint64_t{root["errors"]["closed by the server: 1011 \"internal\""]} == 3);
    CHECK(std::string_view{root["warnings"].at(0)} == result.warnings[0]);
    CHECK(std::string_view{root["expectations"].at(0)["text"]} == "lost == 0");
    CHECK_FALSE(bool{root["expectations"].at(0)["passed"]});
    CHECK(double{root["expectations"].at(0)["value"]} == 4);

    simdjson::dom::object const seconds = root["seconds"];
    for (auto const column : seconds) CHECK(simdjson::dom::array{column.value}.size() == 5);
    CHECK(double{seconds["sent_rate"].at(3)} == static_cast<double>(result.seconds[3].sent));
    CHECK(seconds["round_trip_p99_ms"].at(3).is_null());

    std::uint64_t counted = 0;
    for (auto const one : root["latencies"]["delivery"]["values"]) counted += std::uint64_t{one};
    CHECK(counted == result.latencies.at(latency::delivery).count());
    CHECK(simdjson::dom::array{root["latencies"]["delivery"]["up_to_ns"]}.size() ==
          simdjson::dom::array{root["latencies"]["delivery"]["values"]}.size());
}

TEST_CASE("a run without anything is JSON, too") {
    run_result const nothing;
    simdjson::dom::parser parser;
    simdjson::dom::element const root = parser.parse(json_of({nothing, {}}));
    CHECK(bool{root["passed"]});
    CHECK(simdjson::dom::object{root["figures"]}.size() == 0);
}

TEST_CASE("text that is no UTF-8 or would end a script is written as JSON that reads the same") {
    json_writer to;
    to.begin_array().value("a\xFF\xC3z\n\t</script>\"\\").value("홍길동 \xF0\x9F\x90\x83");
    to.value("\xED\xA0\x80");
    std::string const text = std::move(to.end_array()).take();
    CHECK(text.find("</") == std::string::npos);
    simdjson::dom::parser parser;
    simdjson::dom::element const root = parser.parse(text);
    CHECK(std::string_view{root.at(0)} == "a\uFFFD\uFFFDz\n\t</script>\"\\");
    CHECK(std::string_view{root.at(1)} == "홍길동 \xF0\x9F\x90\x83");
    CHECK(std::string_view{root.at(2)} == "\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("numbers that are none become null") {
    json_writer to;
    to.begin_array().value(0.0 / 0.0).value(1e300 * 1e300).value(0.1).value(-2).end_array();
    CHECK(std::move(to).take() == "[null, null, 0.1, -2]\n");
}

TEST_CASE(
    "the CSV of the seconds has a line for each, with as many fields as the first has names") {
    run_result const result = sample_result({.seconds = 4});
    auto const lines = lines_of(csv_of_seconds(result));
    REQUIRE(lines.size() == 5);
    CHECK(lines[0].starts_with("at,lasted,warm_up,offered_rate,sent_rate,delivered_rate"));
    for (auto const& line : lines) {
        CHECK(std::count(line.begin(), line.end(), ',') ==
              std::count(lines[0].begin(), lines[0].end(), ','));
    }
    CHECK(lines[1].starts_with("0,1,1,1000,1000,20000,"));
    CHECK(lines[4].starts_with("3,1,0,1000,"));
}

TEST_CASE("a second that was broken off has rates, not counts") {
    run_result result;
    result.seconds.resize(1);
    result.seconds[0].lasted = 0.5;
    result.seconds[0].sent = 100;
    CHECK(lines_of(csv_of_seconds(result)).at(1).starts_with("0,0.5,0,,200,"));
}

TEST_CASE("the CSV of the figures has a line for each") {
    run_result result;
    result.figures = {{"delivery_p99", 3.05, "ms"}, {"lost", 0, ""}};
    CHECK(csv_of_figures(result) == "name,value,unit\ndelivery_p99,3.05,ms\nlost,0,\n");
}

TEST_CASE("the page of a run is whole, holds the run's JSON and no address of the network") {
    run_result const result = sample_result({.seconds = 4, .lost = 1});
    std::string const page = html_of({result, {}});
    CHECK(page.starts_with("<!doctype html>"));
    CHECK(page.ends_with("</html>\n"));
    CHECK(page.find("{{") == std::string::npos);
    CHECK(page.find("src=") == std::string::npos);
    CHECK(page.find("@import") == std::string::npos);
    std::string const open = "<script type=\"application/json\" id=\"data\">";
    auto const from = page.find(open) + open.size();
    simdjson::dom::parser parser;
    simdjson::dom::element const root =
        parser.parse(page.substr(from, page.find("</script>", from) - from));
    CHECK(std::string_view{root["command"]} == result.command);
}
