#include "support.hpp"

#include "stomp/heart_beat.hpp"

#include <doctest/doctest.h>

// Byte strings as the common clients send them.

namespace stomp::test {

TEST_CASE("@stomp/stompjs 7: descending versions, no host") {
    auto const bytes = "CONNECT\naccept-version:1.2,1.1,1.0\nheart-beat:10000,10000\n\n\0"s;
    CHECK(read(bytes, std::nullopt) ==
          transcript{"CONNECT[accept-version=1.2,1.1,1.0|heart-beat=10000,10000]{}"});
    CHECK(read_byte_by_byte(bytes, std::nullopt) == read(bytes, std::nullopt));
}

TEST_CASE("@stomp/stompjs 7: the frames of a session") {
    CHECK(read("SUBSCRIBE\nid:sub-0\ndestination:/topic/chatroom/42\n\n\0"sv) ==
          transcript{"SUBSCRIBE[id=sub-0|destination=/topic/chatroom/42]{}"});
    CHECK(
        read(
            "SEND\ndestination:/app/chat.sendMessage\ncontent-length:13\n\n{\"text\":\"hi\"}\0"sv) ==
        transcript{"SEND[destination=/app/chat.sendMessage|content-length=13]{{\"text\":\"hi\"}}"});
    CHECK(read("SEND\ndestination:/topic/a\nx-time\\cnote:12\\c30\n\n\0"sv) ==
          transcript{"SEND[destination=/topic/a|x-time:note=12:30]{}"});
    CHECK(read("ACK\nsubscription:sub-0\nid:undefined\n\n\0"sv) ==
          transcript{"ACK[subscription=sub-0|id=undefined]{}"});
    CHECK(read("DISCONNECT\nreceipt:close-1\n\n\0"sv) ==
          transcript{"DISCONNECT[receipt=close-1]{}"});
    CHECK(read("\n"sv) == transcript{"~"});
}

TEST_CASE("@stomp/stompjs 7: raw colons in values when it speaks 1.1") {
    CHECK(read("SEND\ndestination:/topic/a\nx-time:12:30\n\n\0"sv, version::v1_1) ==
          transcript{"SEND[destination=/topic/a|x-time=12:30]{}"});
}

TEST_CASE("@stomp/stompjs 7: splitLargeFrames cuts a frame into 8 KiB messages") {
    auto const body = std::string(50'000, 'x');
    auto const bytes = "SEND\ndestination:/a\ncontent-length:50000\n\n" + body + "\0"s;
    auto const no_length = "SEND\ndestination:/a\n\n" + body + "\0"s;
    for (auto const& stream : {bytes, no_length}) {
        reader r(std::nullopt);
        r.feed("CONNECT\naccept-version:1.2,1.1,1.0\n\n\0"sv).end_message();
        r.set_version(version::v1_2);
        for (std::size_t at = 0; at < stream.size(); at += 8192) {
            r.feed(std::string_view(stream).substr(at, 8192)).end_message();
        }
        REQUIRE(r.seen().size() == 2);
        CHECK(r.seen().back() == read(stream).front());
    }
}

TEST_CASE("@stomp/stompjs on a React Native that cuts NULs") {
    reader r(std::nullopt);
    r.feed("CONNECT\naccept-version:1.2,1.1,1.0\nheart-beat:0,0\n\n").end_message();
    r.set_version(version::v1_2);
    r.feed("SUBSCRIBE\nid:sub-0\ndestination:/topic/a\n\n").end_message();
    r.feed("SEND\ndestination:/topic/a\ncontent-length:2\n\nhi").end_message();
    r.feed("SEND\ndestination:/topic/a\n\nno length").end_message();
    CHECK(r.seen() == transcript{"CONNECT[accept-version=1.2,1.1,1.0|heart-beat=0,0]{}",
                                 "SUBSCRIBE[id=sub-0|destination=/topic/a]{}",
                                 "SEND[destination=/topic/a|content-length=2]{hi}",
                                 "SEND[destination=/topic/a]{no length}"});
}

TEST_CASE("webstomp-client: one version, raw colons, split at 16 KiB") {
    CHECK(read("CONNECT\naccept-version:1.2\nheart-beat:10000,10000\nlogin:a\npasscode:b:c\n\n\0"sv,
               std::nullopt) ==
          transcript{"CONNECT[accept-version=1.2|heart-beat=10000,10000|login=a|passcode=b:c]{}"});
    CHECK(
        read("SEND\ndestination:/topic/a\nsent:2024-01-01T10:00:00\ncontent-length:2\n\nhi\0"sv) ==
        transcript{"SEND[destination=/topic/a|sent=2024-01-01T10:00:00|content-length=2]{hi}"});
    CHECK(read("SUBSCRIBE\nid:sub-1700000000000-123\ndestination:/topic/a\n\n\0"sv) ==
          transcript{"SUBSCRIBE[id=sub-1700000000000-123|destination=/topic/a]{}"});

    auto const bytes = "SEND\ncontent-length:40000\n\n" + std::string(40'000, 'x') + "\0"s;
    reader r;
    for (std::size_t at = 0; at < bytes.size(); at += 16384) {
        r.feed(std::string_view(bytes).substr(at, 16384)).end_message();
    }
    CHECK(r.seen() == read(bytes));
}

TEST_CASE("stompjs 2.3.3: the classic browser client") {
    CHECK(
        read(
            "CONNECT\nlogin:guest\npasscode:guest\naccept-version:1.1,1.0\nheart-beat:10000,10000\n\n\0"sv,
            std::nullopt) == transcript{"CONNECT[login=guest|passcode=guest|accept-version=1.1,1.0|"
                                        "heart-beat=10000,10000]{}"});
    CHECK(read("UNSUBSCRIBE\nid:sub-0\n\n\0"sv, version::v1_1) ==
          transcript{"UNSUBSCRIBE[id=sub-0]{}"});
    CHECK(read("DISCONNECT\n\n\0"sv, version::v1_1) == transcript{"DISCONNECT[]{}"});
}

TEST_CASE("stomp.py: STOMP instead of CONNECT, and a line end after NUL") {
    CHECK(
        read("STOMP\naccept-version:1.2\nhost:localhost\nheart-beat:0,0\n\n\0\n"sv, std::nullopt) ==
        transcript{"STOMP[accept-version=1.2|host=localhost|heart-beat=0,0]{}", "~"});
    CHECK(read("SEND\ncontent-length:5\ndestination:/queue/a\n\nhello\0"sv, version::v1_1) ==
          transcript{"SEND[content-length=5|destination=/queue/a]{hello}"});
}

TEST_CASE("a telnet user with CRLF") {
    reader r(std::nullopt);
    r.feed("CONNECT\r\n").feed("accept-version:1.2\r\n").feed("\r\n").feed("\0\r\n"sv);
    r.set_version(version::v1_2);
    r.feed("SEND\r\n").feed("destination:/topic/a\r\n").feed("\r\n").feed("hello\r\n\0\r\n"sv);
    CHECK(r.seen() == transcript{"CONNECT[accept-version=1.2]{}", "~",
                                 "SEND[destination=/topic/a]{hello\r\n}", "~"});
}

TEST_CASE("a telnet user with CRLF who is given 1.1 may end CONNECT with CRLF") {
    reader r(std::nullopt);
    r.feed("CONNECT\r\naccept-version:1.1\r\n\r\n\0"sv);
    r.set_version(version::v1_1);
    r.feed("\r\nSEND\n\n\0"sv);
    CHECK(r.seen() == transcript{"CONNECT[accept-version=1.1]{}", "~", "SEND[]{}"});
}

TEST_CASE("RabbitMQ's and Spring's frames to a client") {
    CHECK(read("CONNECTED\nserver:RabbitMQ/3.10.8\nsession:session-x\nheart-beat:10000,10000\n"
               "version:1.2\n\n\0\n"sv,
               std::nullopt) == transcript{"CONNECTED[server=RabbitMQ/3.10.8|session=session-x|"
                                           "heart-beat=10000,10000|version=1.2]{}",
                                           "~"});
    CHECK(
        read("MESSAGE\nsubscription:sub-0\ndestination:/topic/a\nmessage-id:T_sub-0@@session-x@@1\n"
             "redelivered:false\ncontent-length:2\n\nhi\0\n"sv) ==
        transcript{"MESSAGE[subscription=sub-0|destination=/topic/a|"
                   "message-id=T_sub-0@@session-x@@1|redelivered=false|content-length=2]{hi}",
                   "~"});
    CHECK(read("ERROR\nmessage:Bad CONNECT\ncontent-type:text/plain\nversion:1.0,1.1,1.2\n"
               "content-length:4\n\nfoo\n\0"sv,
               std::nullopt) ==
          transcript{"ERROR[message=Bad CONNECT|content-type=text/plain|version=1.0,1.1,1.2|"
                     "content-length=4]{foo\n}"});
}

}  // namespace stomp::test
