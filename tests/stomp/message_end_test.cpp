#include "support.hpp"

#include <doctest/doctest.h>

// finish_message: frames whose NUL a client's platform cut off, and lawful splits.

namespace stomp::test {
namespace {

// Each piece is one WebSocket text message.
transcript read_messages(std::initializer_list<std::string_view> messages,
                         std::optional<version> v = version::v1_2) {
    reader r(v);
    for (auto message : messages) r.feed(message).end_message();
    return r.seen();
}

transcript read_messages_after_connect(std::string_view connect,
                                       std::initializer_list<std::string_view> messages) {
    reader r(std::nullopt);
    r.feed(connect).end_message();
    REQUIRE(r.seen() == transcript{"CONNECT[accept-version=1.2]{}"});
    r.set_version(version::v1_2);
    for (auto message : messages) r.feed(message).end_message();
    auto seen = r.seen();
    seen.erase(seen.begin());
    return seen;
}

constexpr auto cut_connect = "CONNECT\naccept-version:1.2\n\n"sv;
constexpr auto whole_connect = "CONNECT\naccept-version:1.2\n\n\0"sv;

}  // namespace

TEST_CASE("a client that loses its NULs is understood from CONNECT on") {
    CHECK(read_messages_after_connect(
              cut_connect,
              {"SUBSCRIBE\nid:0\ndestination:/a\n\n", "\n", "SEND\ncontent-length:5\n\nhello",
               "SEND\n\nhello", "\n", "DISCONNECT\nreceipt:1\n\n"}) ==
          transcript{"SUBSCRIBE[id=0|destination=/a]{}", "~", "SEND[content-length=5]{hello}",
                     "SEND[]{hello}", "~", "DISCONNECT[receipt=1]{}"});
}

TEST_CASE("an empty SEND of a client that loses its NULs ends with its message") {
    CHECK(read_messages_after_connect(cut_connect, {"SEND\ndestination:/a\n\n", "SEND\n\nx"}) ==
          transcript{"SEND[destination=/a]{}", "SEND[]{x}"});
}

TEST_CASE("a frame whose content-length is satisfied ends with its message") {
    CHECK(read_messages({"SEND\ncontent-length:5\n\nhello", "SEND\n\nx\0"sv}) ==
          transcript{"SEND[content-length=5]{hello}", "SEND[]{x}"});
    CHECK(read_messages({"SEND\ncontent-length:0\n\n"}) == transcript{"SEND[content-length=0]{}"});
}

TEST_CASE("a message end within content-length ends nothing") {
    CHECK(read_messages({"SEND\ncontent-length:5\n\nhel", "lo"}) ==
          transcript{"SEND[content-length=5]{hello}"});
    CHECK(read_messages_after_connect(cut_connect, {"SEND\ncontent-length:5\n\nhel", "lo"}) ==
          transcript{"SEND[content-length=5]{hello}"});
}

TEST_CASE("a message end within the head ends nothing") {
    CHECK(read_messages_after_connect(cut_connect, {"SE", "ND\nx", ":y\n", "\nhello"}) ==
          transcript{"SEND[x=y]{hello}"});
    CHECK(read_messages({"SEND", "\n", "x:y", "\n", "\n\0"sv}) == transcript{"SEND[x=y]{}"});
}

TEST_CASE("a client that sends its NULs may split a body without content-length anywhere") {
    CHECK(read_messages_after_connect(whole_connect, {"SEND\n\nhel", "lo", "\0"sv}) ==
          transcript{"SEND[]{hello}"});
    CHECK(read_messages_after_connect(whole_connect, {"SEND\n\n", "hello\0\n"sv, "SEND\n\n\0"sv}) ==
          transcript{"SEND[]{hello}", "~", "SEND[]{}"});
}

TEST_CASE("a frame split just before its NUL is given once") {
    CHECK(read_messages({"SEND\ncontent-length:5\n\nhello", "\0"sv, "SEND\n\n\0"sv}) ==
          transcript{"SEND[content-length=5]{hello}", "SEND[]{}"});
    CHECK(read_messages({"SUBSCRIBE\nid:1\n\n", "\0\nSEND\n\n\0"sv}) ==
          transcript{"SUBSCRIBE[id=1]{}", "~", "SEND[]{}"});
}

TEST_CASE("a NUL that comes after all shows that the client does not lose them") {
    CHECK(read_messages_after_connect(cut_connect, {"\0"sv, "SEND\n\nhel", "lo\0"sv}) ==
          transcript{"SEND[]{hello}"});
}

TEST_CASE("a client that loses the NULs of its text messages may send binary ones with NULs") {
    reader r(version::v1_2);
    r.feed("SUBSCRIBE\nid:1\n\n").end_message();
    r.feed("SEND\ncontent-length:3\n\n\0\1\0\0"sv);       // one binary message
    r.feed("SEND\ncontent-length:2\n\nh").feed("i\0"sv);  // two binary messages
    r.feed("SEND\n\ntext").end_message().feed("\n").end_message();
    CHECK(r.seen() == transcript{"SUBSCRIBE[id=1]{}", "SEND[content-length=3]{\0\1\0}"s,
                                 "SEND[content-length=2]{hi}", "SEND[]{text}", "~"});
}

TEST_CASE("a message end within a body that 1.0 allows anywhere ends nothing") {
    CHECK(read_messages({"SUBSCRIBE\nid:1\n\nbo", "dy\0"sv}, version::v1_0) ==
          transcript{"SUBSCRIBE[id=1]{body}"});
}

TEST_CASE("one NUL may follow a frame ended by its message, not two, and only at once") {
    CHECK(read_messages({"SUBSCRIBE\nid:1\n\n", "\0\0"sv}).back() ==
          "! Only line ends may stand between the NUL of a frame and the next command.");
    CHECK(read_messages({"SUBSCRIBE\nid:1\n\n", "\n", "\0"sv}).back() ==
          "! Only line ends may stand between the NUL of a frame and the next command.");
}

TEST_CASE("a message end between frames means nothing") {
    CHECK(read_messages({"", "\n", "SEND\n\n\0"sv, "", "SEND\n\nx\0"sv}) ==
          transcript{"~", "SEND[]{}", "SEND[]{x}"});
}

TEST_CASE("several frames in a message may end with a cut one") {
    CHECK(read_messages({"SUBSCRIBE\nid:1\n\n\0SUBSCRIBE\nid:2\n\n"sv}) ==
          transcript{"SUBSCRIBE[id=1]{}", "SUBSCRIBE[id=2]{}"});
}

TEST_CASE("a message end after an error answers nothing") {
    reader r;
    r.feed("nonsense\n").end_message();
    CHECK(r.seen().size() == 1);
}

TEST_CASE("escapes of a frame ended by its message are resolved") {
    CHECK(read_messages({"SUBSCRIBE\nid:a\\cb\n\n"}) == transcript{"SUBSCRIBE[id=a:b]{}"});
}

TEST_CASE("a lawful stream reads the same with and without message ends, split anywhere") {
    auto const bytes =
        "CONNECT\naccept-version:1.2\n\n\0\nSUBSCRIBE\nid:0\n\n\0SEND\n\nab\0SEND\ncontent-length:"
        "2\n\n\0\0\0"
        "SEND\n\n\0\nDISCONNECT\n\n\0"sv;
    auto const expected = read(bytes);
    REQUIRE(expected.size() == 8);
    for (std::size_t i = 0; i <= bytes.size(); ++i) {
        for (std::size_t j = i; j <= bytes.size(); ++j) {
            auto const seen =
                read_messages({bytes.substr(0, i), bytes.substr(i, j - i), bytes.substr(j)});
            REQUIRE(seen == expected);
        }
    }
}

}  // namespace stomp::test
