#include "broker/message.hpp"

#include "broker/session/message_head.hpp"
#include "broker/session/passed_headers.hpp"

#include <doctest/doctest.h>

namespace {

using namespace broker;
using namespace std::string_literals;
using stomp::version;

TEST_CASE("a message's tail is the rest of its MESSAGE frame") {
    message const m(message_fields{.destination = "/topic/a",
                                   .id = "s1-7",
                                   .seq = 17,
                                   .headers = {{"content-type", "text/plain"}, {"x", ""}},
                                   .body = "hello"});

    auto const expected =
        "message-id:s1-7\ndestination:/topic/a\nseq:17\ncontent-type:text/plain\nx:\n"
        "content-length:5\n\nhello\0"s;
    for (auto const v : {version::v1_0, version::v1_1, version::v1_2}) {
        CHECK(m.tail(v) == expected);
    }
    CHECK(m.tail(version::v1_0).data() == m.tail(version::v1_2).data());
    CHECK(m.id() == "s1-7");
    CHECK(m.destination() == "/topic/a");
    CHECK(m.seq() == 17);
    CHECK(m.body() == "hello");
    CHECK_FALSE(m.binary());
    CHECK_FALSE(m.ephemeral());
}

TEST_CASE("a message without a body has no content-length") {
    message const m(message_fields{
        .destination = "/topic/a", .id = "1", .ephemeral = true, .headers = {}, .body = ""});
    CHECK(m.tail(version::v1_2) == "message-id:1\ndestination:/topic/a\n\n\0"s);
    CHECK(m.body().empty());
    CHECK(m.ephemeral());
}

TEST_CASE("headers that need escapes are spelled as each version does") {
    message const m(message_fields{.destination = "/topic/a:b",
                                   .id = "x:1",
                                   .headers = {{"n:ame", "one\ntwo\\three"}},
                                   .body = "b"});

    CHECK(m.tail(version::v1_2) ==
          "message-id:x\\c1\ndestination:/topic/a\\cb\nn\\came:one\\ntwo\\\\three\n"
          "content-length:1\n\nb\0"s);
    CHECK(m.tail(version::v1_1) == m.tail(version::v1_2));
    CHECK(m.tail(version::v1_0) ==
          "message-id:x:1\ndestination:/topic/a:b\nn ame:one two\\three\n"
          "content-length:1\n\nb\0"s);
    CHECK(m.id() == "x:1");
    CHECK(m.destination() == "/topic/a:b");
    CHECK(m.body() == "b");
}

TEST_CASE("a body of any octets is kept, and known to be binary unless it is UTF-8") {
    auto const octets = "a\0b\xFF"s;
    message const m(
        message_fields{.destination = "/topic/a", .id = "1", .headers = {}, .body = octets});
    CHECK(m.binary());
    CHECK(m.body() == octets);
    CHECK(m.tail(version::v1_1).ends_with("content-length:4\n\n" + octets + '\0'));

    message const nul(
        message_fields{.destination = "/topic/a", .id = "1", .headers = {}, .body = "a\0b"s});
    CHECK_FALSE(nul.binary());
    message const korean(
        message_fields{.destination = "/topic/a", .id = "1", .headers = {}, .body = "안녕하세요!"});
    CHECK_FALSE(korean.binary());
    CHECK(korean.tail(version::v1_2).find("content-length:16\n") != std::string_view::npos);
}

TEST_CASE("borrowed parts give the same message, but for the headers that do not pass") {
    stomp::header_view const headers[] = {{"destination", "/topic/a"},
                                          {"receipt", "r"},
                                          {"priority", "9"},
                                          {"seq", "99"},
                                          {"priority", "8"}};
    message const m(message_parts{.destination = "/topic/a",
                                  .id = "1",
                                  .headers = headers,
                                  .passes = passes_to_subscribers,
                                  .body = "b"});
    CHECK(m.tail(version::v1_2) ==
          "message-id:1\ndestination:/topic/a\npriority:9\npriority:8\ncontent-length:1\n\nb\0"s);
}

TEST_CASE("what a header that does not pass holds asks for no escapes") {
    stomp::header_view const headers[] = {{"receipt", "a:b"}};
    message const m(message_parts{.destination = "/topic/a",
                                  .id = "1",
                                  .headers = headers,
                                  .passes = passes_to_subscribers,
                                  .body = {}});
    CHECK(m.tail(version::v1_0).data() == m.tail(version::v1_2).data());
}

TEST_CASE("headers for the node, forgeable ones and credentials do not reach subscribers") {
    for (auto const* name :
         {"destination", "content-length", "receipt", "transaction", "message-id", "subscription",
          "ack", "seq", "redelivered", "login", "passcode", "authorization", "Authorization",
          "AUTHORIZATION", " seq", "seq ", "\tseq\r", " Authorization "}) {
        CHECK_FALSE_MESSAGE(passes_to_subscribers(name), name);
    }
    for (auto const* name : {"content-type", "priority", "Seq", "sequence", "idempotency-key",
                             "reply-to", "x-seq", ""}) {
        CHECK_MESSAGE(passes_to_subscribers(name), name);
    }
}

TEST_CASE("a message's head has what differs between subscribers") {
    CHECK(make_message_head(version::v1_2, "sub-0") == "MESSAGE\nsubscription:sub-0\n");
    CHECK(make_message_head(version::v1_0, std::nullopt) == "MESSAGE\n");
    CHECK(make_message_head(version::v1_2, "a", "1.7") == "MESSAGE\nsubscription:a\nack:1.7\n");
    CHECK(make_message_head(version::v1_1, "a", std::nullopt, true) ==
          "MESSAGE\nsubscription:a\nredelivered:true\n");
    CHECK(make_message_head(version::v1_2, "a:b\r") == "MESSAGE\nsubscription:a\\cb\\r\n");
    CHECK(make_message_head(version::v1_1, "a:b") == "MESSAGE\nsubscription:a\\cb\n");
    CHECK(make_message_head(version::v1_0, "a:b") == "MESSAGE\nsubscription:a:b\n");
}

}  // namespace
