#include "bench/client/stomp_frame.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace bench;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

// All whole frames of what arrives in pieces of `size`.
std::vector<std::string> frames_of(std::string_view stream, std::size_t size) {
    std::vector<std::string> out;
    std::string kept;
    while (!stream.empty()) {
        kept.append(stream.substr(0, size));
        stream.remove_prefix(std::min(size, stream.size()));
        std::string_view rest = kept;
        std::string_view frame;
        while (take_frame(rest, frame)) out.emplace_back(frame);
        kept = std::string(rest);
    }
    if (!kept.empty()) out.push_back("left: " + kept);
    return out;
}

}  // namespace

TEST_CASE("frames are found whatever the pieces they come in") {
    auto const stream =
        "\n\nCONNECTED\nversion:1.2\n\n\0"
        "MESSAGE\ncontent-length:5\n\na\0b\0c\0\r\n\n"
        "MESSAGE\r\nx:y\r\n\r\nbody\0"
        "RECEIPT\nreceipt-id:1\n\n\0\n"s;
    std::vector<std::string> const expected{
        "CONNECTED\nversion:1.2\n\n", "MESSAGE\ncontent-length:5\n\na\0b\0c"s,
        "MESSAGE\r\nx:y\r\n\r\nbody", "RECEIPT\nreceipt-id:1\n\n"};
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        CAPTURE(size);
        REQUIRE(frames_of(stream, size) == expected);
    }
}

TEST_CASE("the first content-length counts, and one that is not true does not") {
    CHECK(frames_of("MESSAGE\ncontent-length:1\ncontent-length:3\n\na\0A\n\nb\0"s, 100) ==
          std::vector<std::string>{"MESSAGE\ncontent-length:1\ncontent-length:3\n\na", "A\n\nb"});
    CHECK(frames_of("MESSAGE\ncontent-length:1\n\nabc\0"s, 100) ==
          std::vector<std::string>{"MESSAGE\ncontent-length:1\n\nabc"});
    CHECK(frames_of("MESSAGE\ncontent-length:x\n\nabc\0"s, 100) ==
          std::vector<std::string>{"MESSAGE\ncontent-length:x\n\nabc"});
    // As long as may be: not there yet.
    auto const huge = "MESSAGE\ncontent-length:18446744073709551615\n\nabc\0"s;
    CHECK(frames_of(huge, 100) == std::vector<std::string>{"left: " + huge});
}

TEST_CASE("a NUL in a head ends what is no frame") {
    CHECK(frames_of("garbage\0MESSAGE\ncontent-length:1\n\na\0"s, 100) ==
          std::vector<std::string>{"garbage", "MESSAGE\ncontent-length:1\n\na"});
}

TEST_CASE("a message with one frame is known without looking for its length") {
    std::string_view frame;
    CHECK(is_one_frame("MESSAGE\n\nbody\0"sv, frame));
    CHECK(frame == "MESSAGE\n\nbody");
    CHECK(is_one_frame("\nMESSAGE\n\nbody\0\r\n\n"sv, frame));
    CHECK(frame == "MESSAGE\n\nbody");
    CHECK_FALSE(is_one_frame("MESSAGE\n\nbo\0dy\0"sv, frame));
    CHECK_FALSE(is_one_frame("MESSAGE\n\nbody"sv, frame));
    CHECK_FALSE(is_one_frame("\n"sv, frame));
    CHECK_FALSE(is_one_frame(""sv, frame));
}

TEST_CASE("commands, headers and bodies are found") {
    CHECK(command_of("MESSAGE\n\n") == server_command::message);
    CHECK(command_of("RECEIPT\r\n") == server_command::receipt);
    CHECK(command_of("CONNECTED\n") == server_command::connected);
    CHECK(command_of("ERROR\n") == server_command::error);
    CHECK(command_of("MESSAGES\n") == server_command::unknown);
    CHECK(command_of("MESSAGE") == server_command::unknown);
    CHECK(command_of("") == server_command::unknown);

    constexpr auto frame = "MESSAGE\na:1\nab:2:3\r\na:4\nempty:\n\nx\n\ny"sv;
    CHECK(header_of(frame, "a") == "1");
    CHECK(header_of(frame, "ab") == "2:3");
    CHECK(header_of(frame, "b") == "");
    CHECK(header_of(frame, "empty") == "");
    CHECK(header_of(frame, "x") == "");
    CHECK(body_of(frame) == "x\n\ny");
    CHECK(body_of("MESSAGE\r\na:1\r\n\r\nbody") == "body");
    CHECK(body_of("MESSAGE\na:1") == "");
    CHECK(header_of("MESSAGE", "a") == "");
}

TEST_CASE("a header's value is escaped where the version has escapes") {
    std::string out;
    append_header(out, "destination", "/topic/a:b\\c\n\r", true);
    CHECK(out == "destination:/topic/a\\cb\\\\c\\n\\r\n");
    out.clear();
    append_header(out, "destination", "/topic/a:b", false);
    CHECK(out == "destination:/topic/a:b\n");
}

TEST_CASE("a heart-beat is an end of line or several") {
    CHECK(is_heart_beat("\n"));
    CHECK(is_heart_beat("\r\n\n"));
    CHECK_FALSE(is_heart_beat("\nM"));
}
