#include "broker/peer/text_frame.hpp"

#include <doctest/doctest.h>
#include <string>

using broker::as_text_frame;
using namespace std::string_literals;

TEST_CASE("octets that are not UTF-8 become U+FFFD and the length says so") {
    auto const frame = "MESSAGE\nsubscription:a\ncontent-length:4\nx:y\n\na\xff\0b\0"s;
    CHECK(as_text_frame(frame) ==
          "MESSAGE\nsubscription:a\ncontent-length:6\nx:y\n\na\xEF\xBF\xBD\0b\0"s);
}

TEST_CASE("a frame that is text already stays as it is") {
    auto const frame = "MESSAGE\nsubscription:a\ncontent-length:6\n\n안녕\0"s;
    CHECK(as_text_frame(frame) == frame);
}

TEST_CASE("a frame without a body keeps its head") {
    CHECK(as_text_frame("RECEIPT\nreceipt-id:1\n\n\0"s) == "RECEIPT\nreceipt-id:1\n\n\0"s);
}
