#include "config/units.hpp"

#include <doctest/doctest.h>

using namespace config;
using namespace std::chrono_literals;

TEST_CASE("durations are numbers with a unit") {
    CHECK(parse_duration("10 s") == 10s);
    CHECK(parse_duration("10s") == 10s);
    CHECK(parse_duration(" 10  s ") == 10s);
    CHECK(parse_duration("250 ms") == 250ms);
    CHECK(parse_duration("1.5 min") == 90s);
    CHECK(parse_duration("1.001 s") == 1001ms);
    CHECK(parse_duration("2 h") == 2h);
    CHECK(parse_duration("7 d") == 168h);
    CHECK(parse_duration("0") == 0ms);
    CHECK(parse_duration("0 s") == 0ms);
}

TEST_CASE("a duration without unit, with a strange one, negative or endless is none") {
    for (auto const* text :
         {"", " ", "10", "s", "10 sec", "10 S", "-1 s", "-0 s", "1e3 s", "0.5 ms", "10 s s",
          "inf s", "nan s", "99999 d", "0x10 s", "1,5 s", "10 m"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("sizes are numbers with a unit, or bytes") {
    CHECK(parse_byte_size("1 MiB") == 1_MiB);
    CHECK(parse_byte_size("64KiB") == 64_KiB);
    CHECK(parse_byte_size("1.5 KiB") == 1536_B);
    CHECK(parse_byte_size("2 GiB") == 2_GiB);
    CHECK(parse_byte_size("1 kB") == 1000_B);
    CHECK(parse_byte_size("1 MB") == 1000000_B);
    CHECK(parse_byte_size("100 B") == 100_B);
    CHECK(parse_byte_size("100") == 100_B);
    CHECK(parse_byte_size("0") == 0_B);
    CHECK(parse_byte_size("1024 GiB") == 1024_GiB);
}

TEST_CASE("a size with a strange unit, negative, broken or huge is none") {
    for (auto const* text : {"", "MiB", "1 mib", "1 M", "1 K", "-1", "0.5 B", "1.0001 KiB",
                             "1025 GiB", "99999999999999999999", "1 MiBs"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_byte_size(text));
    }
}

TEST_CASE("both are written in the largest unit that leaves a whole number") {
    CHECK(to_string(duration{0}) == "0 ms");
    CHECK(to_string(duration{1500}) == "1500 ms");
    CHECK(to_string(duration{10'000}) == "10 s");
    CHECK(to_string(duration{90'000}) == "90 s");
    CHECK(to_string(duration{120'000}) == "2 min");
    CHECK(to_string(duration{86'400'000}) == "1 d");
    CHECK(to_string(byte_size{0}) == "0 B");
    CHECK(to_string(1000_B) == "1000 B");
    CHECK(to_string(1536_B) == "1536 B");
    CHECK(to_string(256_KiB) == "256 KiB");
    CHECK(to_string(1_MiB) == "1 MiB");
}

TEST_CASE("rates are whole numbers in a time") {
    using namespace std::chrono_literals;
    CHECK(parse_frequency("200/s") == frequency{200, 1s});
    CHECK(parse_frequency(" 10 / min ") == frequency{10, 1min});
    CHECK(parse_frequency("5/h") == frequency{5, 1h});
    CHECK(parse_frequency("1/d") == frequency{1, 24h});
    CHECK(parse_frequency("0") == frequency{});
    CHECK(parse_frequency("0/h") == frequency{});
    for (auto const* wrong :
         {"", "5", "/s", "5/", "5/ms", "1.5/s", "-1/s", "5/fortnight", "5/s/s", "99999999999/s"}) {
        CHECK_FALSE(parse_frequency(wrong));
    }
    CHECK(to_string(frequency{200, 1s}) == "200/s");
    CHECK(to_string(frequency{1, 24h}) == "1/d");
    CHECK(to_string(frequency{}) == "0");
}
