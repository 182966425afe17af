#include "bench/report/format.hpp"
#include "bench/report/progress.hpp"
#include "tests/bench/report_sample.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace bench;

namespace {

progress of(run_result const& result) {
    progress now;
    now.target = result.target;
    now.scenario = result.scenario;
    now.phase = "measuring";
    now.elapsed = 12.4;
    now.lasts = 30;
    now.sessions = 2100;
    now.sessions_wanted = 2100;
    now.seconds = result.seconds;
    now.errors = &result.errors;
    return now;
}

std::string joined(std::vector<std::string> const& lines) {
    std::string out;
    for (auto const& line : lines) out += line + "\n";
    return out;
}

bool has(std::string const& text, std::string_view what) {
    INFO(text);
    return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("a sparkline ends with the newest value and is scaled to the largest") {
    std::array<double, 4> const values = {0, 1, 2, 4};
    CHECK(sparkline(values, 10, true) == "▁▃▅█");
    CHECK(sparkline(values, 2, true) == "▅█");
    CHECK(sparkline(values, 10, false) == "_-=#");
    std::array<double, 2> const nothing = {0, 0};
    CHECK(sparkline(nothing, 10, true) == "▁▁");
    CHECK(sparkline({}, 10, true).empty());
}

TEST_CASE("a bar is as long as it is told, whatever its part") {
    CHECK(bar(0, 4, true) == "░░░░");
    CHECK(bar(0.5, 4, true) == "██░░");
    CHECK(bar(0.625, 4, true) == "██▌░");
    CHECK(bar(1, 4, true) == "████");
    CHECK(bar(7, 4, true) == "████");
    CHECK(bar(-1, 4, false) == "....");
    CHECK(bar(0.5, 4, false) == "##..");
    for (int i = 0; i <= 100; ++i) CHECK(columns_of(bar(i / 100.0, 9, true)) == 9);
}

TEST_CASE("the picture tells the phase, the rates, the latencies, the machines and the errors") {
    run_result const result = sample_result({.seconds = 20, .lost = 1});
    std::string const text = joined(render(of(result), {.width = 120}));
    CHECK(has(text, "fan-out 100 x 20, 1,000/s, 200 bytes on stampede\n"));
    CHECK(has(text, "measuring"));
    CHECK(has(text, "0:12 of 0:30, 0:18 left · 2,100 sessions"));
    CHECK(has(text, "\nsent "));
    CHECK(has(text, "\ndelivered "));
    CHECK(has(text, "\nreceipts "));
    CHECK_FALSE(has(text, "\nconnects "));
    CHECK(has(text, "\ndelivery     p50 "));
    CHECK_FALSE(has(text, "\nround trip "));
    CHECK(has(text, "server 0.2"));
    CHECK(has(text, "memory 24.9 MiB"));
    CHECK(has(text, "errors       3: closed by the server"));
    CHECK(has(text, "▂"));
    CHECK_FALSE(has(text, "\x1b"));
}

TEST_CASE("no line is wider than the terminal, however narrow") {
    run_result result = sample_result({.seconds = 90, .lost = 1});
    result.target = "홍길동 홍길동 홍길동";
    for (std::size_t width = 20; width < 200; ++width) {
        for (bool const unicode : {true, false}) {
            for (auto const& line : render(of(result), {.width = width, .unicode = unicode})) {
                CHECK_MESSAGE(columns_of(line) <= width, line);
            }
        }
    }
}

TEST_CASE("the rates are there in a narrow terminal, too") {
    run_result const result = sample_result({.seconds = 20});
    std::string const text = joined(render(of(result), {.width = 20}));
    auto const newest = number_text(static_cast<double>(result.seconds.back().sent)) + "/s";
    CHECK(has(text, "\nsent         " + newest + "\n"));
    CHECK(has(text, "\nreceipts     " + newest + "\n"));
}

TEST_CASE("a server's text is no command to the terminal while it is drawn") {
    run_result result = sample_result({.seconds = 5});
    result.errors["\x1b[2J"] = 1;
    CHECK(has(joined(render(of(result), {.width = 100})), "errors       1: \\x1b[2J\n"));
}

TEST_CASE("while clients connect, the bar follows them") {
    progress now;
    now.phase = "connecting";
    now.sessions = 250;
    now.sessions_wanted = 1000;
    now.elapsed = 3;
    std::string const text = joined(render(now, {.width = 80, .unicode = false}));
    CHECK(has(text, "0:03 · 250 of 1,000 sessions · 83.3/s"));
    CHECK(has(text, "####"));
    CHECK(render_line(now) == "connecting 0:03, 250 of 1,000 sessions, 83.3/s");
}

TEST_CASE("colour is there only when it is asked for") {
    run_result const result = sample_result({.seconds = 5});
    CHECK(has(joined(render(of(result), {.width = 80, .colour = true})), "\x1b["));
    CHECK_FALSE(has(joined(render(of(result), {.width = 80, .colour = false})), "\x1b["));
}

TEST_CASE("errors that nobody told by text are counted still") {
    run_result const result = sample_result({.seconds = 5, .lost = 1});
    progress now = of(result);
    now.errors = nullptr;
    CHECK(has(joined(render(now, {.width = 100})), "errors       3\n"));
}

TEST_CASE("the line for a log has it all in one") {
    run_result const result = sample_result({.seconds = 3, .lost = 1});
    std::string const line = render_line(of(result));
    CHECK(has(line, "measuring 0:12 of 0:30, 0:18 left, 2,100 sessions, sent 1,0"));
    CHECK(has(line, "/s, delivery p50 "));
    CHECK(has(line, ", errors 3"));
    CHECK_FALSE(has(line, "\n"));
}
