#include "broker/transport/utf8_check.hpp"

#include <doctest/doctest.h>
#include <cstddef>
#include <string>
#include <string_view>

namespace {

using broker::transport::utf8_check;

// Characters of every length, at both ends of their ranges.
std::string const every_length =
    "a\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80"
    "\xF4\x8F\xBF\xBFz";

}  // namespace

TEST_CASE("UTF-8 is UTF-8 wherever it is cut, and complete at the ends of characters") {
    // Behind enough others, too: what is long is looked at in another way.
    for (auto const& text : {every_length, std::string(200, 'x') + every_length}) {
        for (std::size_t first = 0; first <= text.size(); ++first) {
            bool const within =
                first < text.size() && (static_cast<unsigned char>(text[first]) & 0xC0) == 0x80;
            for (std::size_t second = first; second <= text.size(); ++second) {
                utf8_check check;
                REQUIRE(check.feed({text.data(), first}));
                REQUIRE(check.complete() != within);
                REQUIRE(check.feed({text.data() + first, second - first}));
                REQUIRE(check.feed({text.data() + second, text.size() - second}));
                REQUIRE(check.complete());
            }
        }
    }
}

TEST_CASE("what cannot be UTF-8 is told with the octet that shows it, wherever it is cut") {
    struct bad {
        std::string_view text;
        std::size_t shown_by;  // so many octets
    };
    for (auto const& [text, shown_by] :
         {bad{"\x80", 1}, bad{"\xFF", 1}, bad{"\xC0\xAF", 1}, bad{"\xC2\x41", 2},
          bad{"\xE0\x9F\xBF", 2}, bad{"\xED\xA0\x80", 2}, bad{"\xE1\x80\x41", 3},
          bad{"\xF0\x8F\xBF\xBF", 2}, bad{"\xF4\x90\x80\x80", 2}, bad{"\xF1\x80\x80\xC2", 4},
          bad{"\xF5\x80\x80\x80", 1}, bad{"\x80\x80\x80\x80\x80", 1}}) {
        for (std::size_t before : {0, 1, 15, 64, 200}) {
            auto const whole = std::string(before, 'x') + std::string(text) + "more";
            auto const end = before + shown_by;
            for (std::size_t cut = 0; cut != whole.size(); ++cut) {
                CAPTURE(before);
                CAPTURE(cut);
                utf8_check check;
                REQUIRE(check.feed({whole.data(), cut}) == (cut < end));
                REQUIRE_FALSE(check.feed({whole.data() + cut, whole.size() - cut}));
                REQUIRE_FALSE(check.complete());
                REQUIRE_FALSE(check.feed(every_length));
            }
        }
    }
}

TEST_CASE("an unfinished character is none, and reset() forgets it") {
    utf8_check check;
    CHECK(check.feed(std::string_view("\xF0\x9F\x98")));
    CHECK_FALSE(check.complete());
    check.reset();
    CHECK(check.complete());
    CHECK(check.feed(every_length));
    CHECK(check.complete());
}
