#include "bench/measure/stamp.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

using namespace bench;

namespace {

stamp const sample{0xdeadbeefU, 17, 123456789012345,
                   std::chrono::steady_clock::time_point(std::chrono::nanoseconds(987654321))};

std::string written(stamp const& value) {
    std::string out(stamp_size, ' ');
    write_stamp(value, out.data());
    return out;
}

void is_the_same(stamp const& a, stamp const& b) {
    CHECK(a.run == b.run);
    CHECK(a.publisher == b.publisher);
    CHECK(a.number == b.number);
    CHECK(a.due == b.due);
}

}  // namespace

TEST_CASE("a stamp is found as it was written") {
    auto const found = find_stamp(written(sample));
    REQUIRE(found);
    is_the_same(*found, sample);
}

TEST_CASE("the greatest and the least numbers are kept") {
    stamp value = sample;
    for (auto const number : {std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max()}) {
        value.number = number;
        value.publisher = static_cast<std::uint32_t>(number);
        value.run = static_cast<std::uint32_t>(number);
        auto const found = find_stamp(written(value));
        REQUIRE(found);
        is_the_same(*found, value);
    }
}

TEST_CASE("a stamp is found anywhere in a body") {
    for (std::string const& before : {std::string(), std::string("~"), std::string("~~~~ "),
                                      std::string(R"({"content":")"), std::string(200, '~')}) {
        auto const found = find_stamp(before + written(sample) + R"(","senderId":3}~)");
        REQUIRE(found);
        is_the_same(*found, sample);
    }
}

TEST_CASE("the first of two stamps counts") {
    stamp other = sample;
    other.number = 5;
    auto const found = find_stamp(written(other) + written(sample));
    REQUIRE(found);
    CHECK(found->number == 5);
}

TEST_CASE("what is broken is no stamp") {
    std::string const whole = written(sample);
    CHECK_FALSE(find_stamp(""));
    CHECK_FALSE(find_stamp("~"));
    CHECK_FALSE(find_stamp(std::string(500, '~')));
    CHECK_FALSE(find_stamp(std::string_view(whole).substr(1)));
    CHECK_FALSE(find_stamp(std::string_view(whole).substr(0, stamp_size - 1)));
    for (std::size_t i = 0; i < stamp_size; ++i) {
        std::string broken = whole;
        broken[i] = 'X';
        CHECK_FALSE(find_stamp(broken));
    }
}

TEST_CASE("a stamp has only characters that JSON and STOMP leave as they are") {
    CHECK(written(sample).find_first_not_of("~0123456789abcdef") == std::string::npos);
}

TEST_CASE("a stamped text keeps its frame and its size") {
    stamped_text text("<<", 80, ">>");
    auto const first = std::string(text.with(sample));
    CHECK(first.size() == 84);
    CHECK(first.starts_with("<<~"));
    CHECK(first.ends_with("x>>"));
    stamp other = sample;
    other.number = 2;
    auto const found = find_stamp(text.with(other));
    REQUIRE(found);
    CHECK(found->number == 2);
    // No shorter than the stamp.
    CHECK(stamped_text("", 1, "").with(sample).size() == stamp_size);
}
