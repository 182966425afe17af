#include "support.hpp"

#include <doctest/doctest.h>

namespace stomp::test {

TEST_CASE("a frame is read with its headers and its body") {
    CHECK(read("SEND\ndestination:/topic/a\ncontent-length:5\n\nhello\0"s) ==
          transcript{"SEND[destination=/topic/a|content-length=5]{hello}"});
}

TEST_CASE("a frame is read in the same way one byte at a time") {
    auto const bytes = "SEND\ndestination:/topic/a\n\nhello\0\nSEND\nx\\c:y\n\nhello\0"s;
    CHECK(read_byte_by_byte(bytes) == read(bytes));
    CHECK(read(bytes) == transcript{"SEND[destination=/topic/a]{hello}", "~", "SEND[x:=y]{hello}"});
}

}  // namespace stomp::test
