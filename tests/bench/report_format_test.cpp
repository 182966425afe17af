#include "bench/report/format.hpp"

#include <doctest/doctest.h>

using namespace bench;

TEST_CASE("numbers have three significant digits") {
    CHECK(number_text(0) == "0");
    CHECK(number_text(17) == "17");
    CHECK(number_text(0.12649) == "0.126");
    CHECK(number_text(3.0549) == "3.05");
    CHECK(number_text(48.24) == "48.2");
    CHECK(number_text(99.96) == "100");
    CHECK(number_text(1234.4) == "1,234");
    CHECK(number_text(382'100.2) == "382,100");
    CHECK(number_text(-1234567) == "-1,234,567");
    CHECK(number_text(0.0 / 0.0) == "-");
}

TEST_CASE("durations and sizes take the unit that suits them") {
    CHECK(value_text(0.126, "ms") == "126 µs");
    CHECK(value_text(2100, "ms") == "2.10 s");
    CHECK(value_text(0.36, "us") == "360 ns");
    CHECK(value_text(3000, "KiB") == "2.93 MiB");
    CHECK(value_text(0, "ms") == "0 ms");
    CHECK(value_text(382'100, "/s") == "382,100/s");
    CHECK(value_text(0.5, "cores") == "0.5 cores");
    CHECK(value_text(17, "") == "17");
}

TEST_CASE("times are told as on a clock") {
    CHECK(clock_text(7.9) == "0:07");
    CHECK(clock_text(750) == "12:30");
    CHECK(clock_text(3723) == "1:02:03");
    CHECK(clock_text(-1) == "0:00");
}

TEST_CASE("text is cut and filled up by the columns that it takes") {
    CHECK(columns_of("µs …") == 4);
    CHECK(columns_of("홍길동") == 6);
    CHECK(fitted("stampede", 8) == "stampede");
    CHECK(fitted("stampede", 5) == "stam…");
    CHECK(fitted("홍길동", 4) == "홍…");
    CHECK(fitted("abc", 0).empty());
    CHECK(padded("µs", 4) == "µs  ");
    CHECK(right_aligned("µs", 4) == "  µs");
    CHECK(columns_of("\xFF\xFF") <= 2);
}

TEST_CASE("a terminal is not told what to do by what somebody else wrote") {
    CHECK(harmless("a\x1b[2Jb\r\n\t\x7f") == "a\\x1b[2Jb\\x0d\\x0a\\x09\\x7f");
    CHECK(harmless("\xC2\x9B"
                   "2J") == "\\x9b2J");
    CHECK(harmless("홍길동 é \xC2") == "홍길동 é \xC2");
}
