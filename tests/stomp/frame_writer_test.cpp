#include "stomp/frame_writer.hpp"

#include "support.hpp"

#include <doctest/doctest.h>

namespace stomp::test {
namespace {

std::string written(version v, command c, std::initializer_list<header_view> headers,
                    std::string_view body = {}) {
    std::string out;
    write_frame(out, v, c, headers, body);
    return out;
}

}  // namespace

TEST_CASE("a frame is appended with content-length, blank line, body and NUL") {
    std::string out = "\n";
    write_frame(out, version::v1_2, command::message,
                {{"subscription", "sub-0"}, {"message-id", "7"}}, "hi");
    CHECK(out == "\nMESSAGE\nsubscription:sub-0\nmessage-id:7\ncontent-length:2\n\nhi\0"s);
}

TEST_CASE("a frame without a body has no content-length") {
    CHECK(written(version::v1_1, command::receipt, {{"receipt-id", "1"}}) ==
          "RECEIPT\nreceipt-id:1\n\n\0"s);
    CHECK(written(version::v1_2, command::disconnect, {}) == "DISCONNECT\n\n\0"s);
}

TEST_CASE("a content-length handed through is replaced") {
    CHECK(written(version::v1_2, command::message, {{"content-length", "999"}, {"a", "b"}}, "hi") ==
          "MESSAGE\na:b\ncontent-length:2\n\nhi\0"s);
    CHECK(written(version::v1_2, command::message, {{"content-length", "999"}}) ==
          "MESSAGE\n\n\0"s);
}

TEST_CASE("names and values are escaped by version") {
    CHECK(written(version::v1_2, command::message, {{"a:b", "c\r\n:\\"}}) ==
          "MESSAGE\na\\cb:c\\r\\n\\c\\\\\n\n\0"s);
    CHECK(written(version::v1_1, command::message, {{"a:b", "c\r\n:\\"}}) ==
          "MESSAGE\na\\cb:c\r\\n\\c\\\\\n\n\0"s);
    CHECK(written(version::v1_0, command::message, {{"a:b", "c\n:\\"}}) ==
          "MESSAGE\na b:c :\\\n\n\0"s);
}

TEST_CASE("the handshake is never escaped, and cannot be broken out of either") {
    for (auto v : {version::v1_0, version::v1_1, version::v1_2}) {
        CHECK(written(v, command::connected, {{"user-name", "a:b\\c"}, {"x", "y\n\nz\0"sv}}) ==
              "CONNECTED\nuser-name:a:b\\c\nx:y  z \n\n\0"s);
    }
}

TEST_CASE("no value can end a header or a frame") {
    auto const evil = "x\r\nadmin:yes\n\nbody\0SEND\n\n\0"sv;
    for (auto v : {version::v1_0, version::v1_1, version::v1_2}) {
        auto const bytes = written(v, command::message, {{evil, evil}, {"last", "1"}}, "b");
        auto const seen = read(bytes, v);
        CAPTURE(bytes);
        REQUIRE(seen.size() == 1);
        CHECK(seen[0].ends_with("|last=1|content-length=1]{b}"));
        CHECK(std::ranges::count(bytes, '\0') == 1);
    }
}

TEST_CASE("a header without a name is left out") {
    CHECK(written(version::v1_2, command::message, {{"", "x"}, {"a", ""}}) == "MESSAGE\na:\n\n\0"s);
}

TEST_CASE("a body may hold anything") {
    auto const body = "\0\n\0\xff"sv;
    CHECK(read(written(version::v1_2, command::send, {}, body)) ==
          transcript{"SEND[content-length=4]{" + std::string(body) + "}"});
}

TEST_CASE("a frame may be written in pieces") {
    std::string out;
    append_command(out, command::message);
    append_header(out, version::v1_2, command::message, {"a", "b:c"});
    append_end(out, "hi");
    CHECK(out == written(version::v1_2, command::message, {{"a", "b:c"}}, "hi"));
}

TEST_CASE("an ERROR says what, why and which") {
    std::string out;
    write_error(out, version::v1_2,
                {.message = "destination missing",
                 .details = "SEND needs a 'destination' header.",
                 .receipt_id = "r:1"});
    CHECK(out ==
          "ERROR\nmessage:destination missing\nreceipt-id:r\\c1\ncontent-type:text/plain\n"
          "content-length:34\n\nSEND needs a 'destination' header.\0"s);
}

TEST_CASE("an ERROR for a failed negotiation lists the versions") {
    std::string out;
    header_view const versions[] = {{"version", supported_versions}};
    write_error(out, version::v1_0,
                {.message = text(errc::version_not_supported), .details = "no", .more = versions});
    CHECK(out ==
          "ERROR\nmessage:supported protocol versions are 1.0, 1.1, 1.2\nversion:1.0,1.1,1.2\n"
          "content-type:text/plain\ncontent-length:2\n\nno\0"s);
}

TEST_CASE("an ERROR without details has no body") {
    std::string out;
    write_error(out, version::v1_2, {.message = "bye"});
    CHECK(out == "ERROR\nmessage:bye\n\n\0"s);
}

}  // namespace stomp::test
