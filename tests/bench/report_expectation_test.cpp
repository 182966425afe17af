#include "bench/report/expectation.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace bench;

namespace {

run_result measured() {
    run_result result;
    result.figures = {{"delivery_p99", 3.05, "ms"},
                      {"lost", 0, ""},
                      {"pss", 24, "MiB"},
                      {"pss_per_session", 1.05, "KiB"},
                      {"cpu_per_delivery", 0.36, "us"},
                      {"delivered_rate", 20'000, "/s"},
                      {"server_cpu", 0.5, "cores"}};
    return result;
}

bool passes(std::string_view text) {
    return judge({parse_expectation(text)}, measured()).at(0).passed;
}

std::string refusal(std::string_view text) {
    try {
        parse_expectation(text);
    } catch (std::invalid_argument const& e) {
        return e.what();
    }
    return "accepted";
}

bool says(std::string_view text, std::string_view what) {
    INFO(refusal(text));
    return refusal(text).find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("an expectation compares in the figure's own unit") {
    CHECK(passes("delivery_p99 < 5 ms"));
    CHECK(passes("delivery_p99<5ms"));
    CHECK(passes("delivery_p99 < 0.005 s"));
    CHECK(passes("delivery_p99 <= 3050 us"));
    CHECK(passes("delivery_p99 >= 3050 µs"));
    CHECK_FALSE(passes("delivery_p99 < 3050 us"));
    CHECK_FALSE(passes("delivery_p99 < 3 ms"));
    CHECK(passes("cpu_per_delivery < 400 ns"));
    CHECK(passes("pss < 25 MiB"));
    CHECK(passes("pss == 24576 KiB"));
    CHECK(passes("pss < 26 MB"));
    CHECK_FALSE(passes("pss < 25 MB"));
    CHECK(passes("pss_per_session < 2 KiB"));
    CHECK(passes("delivered_rate >= 20000 /s"));
    CHECK(passes("delivered_rate >= 1200000/min"));
    CHECK(passes("delivered_rate >= 20000"));
    CHECK(passes("server_cpu < 0.9 cores"));
    CHECK(passes("server_cpu < 1 core"));
    CHECK(passes("lost == 0"));
    CHECK(passes("  lost != 1 "));
    CHECK_FALSE(passes("lost > 0"));
}

TEST_CASE("what was not measured fails, and says so") {
    auto const verdicts = judge({parse_expectation("receipt_p99 < 1 s")}, measured());
    REQUIRE(verdicts.size() == 1);
    CHECK_FALSE(verdicts[0].passed);
    CHECK_FALSE(verdicts[0].value);
    CHECK(to_text(verdicts[0]) == "receipt_p99 < 1 s: not measured");
}

TEST_CASE("a verdict tells the value") {
    auto const verdicts = judge(
        {parse_expectation("delivery_p99 < 5 ms"), parse_expectation("lost == 0")}, measured());
    CHECK(to_text(verdicts[0]) == "delivery_p99 < 5 ms: 3.05 ms");
    CHECK(to_text(verdicts[1]) == "lost == 0: 0");
}

TEST_CASE("a wrong expectation is refused with what would be right") {
    CHECK(says("delivery_p99", "wants FIGURE"));
    CHECK(says("", "wants FIGURE"));
    CHECK(says("delivery_p99 < ", "a number is missing"));
    CHECK(says("delivery_p99 < fast", "a number is missing"));
    CHECK(says("delivery_p99 = 5 ms", "the signs are"));
    CHECK(says("delivery_p9 < 5 ms", "did you mean \"delivery_p9"));
    CHECK(says("delvery_p99 < 5 ms", "did you mean \"delivery_p99\"?"));
    CHECK(says("zzzzzzzzzzzzzzzz < 5 ms", "there are sent_rate, "));
    CHECK(says("delivery_p99 < 5", "needs a unit: ns, us"));
    CHECK(says("delivery_p99 < 5 MiB", "\"MiB\" is no unit of delivery_p99"));
    CHECK(says("delivery_p99 < 5 msec", "\"msec\" is no unit"));
    CHECK(says("pss < 5", "needs a unit: B, KiB"));
    CHECK(says("lost == 0 ms", "is a count"));
    CHECK(says("lost == inf", "a number is missing"));
}
