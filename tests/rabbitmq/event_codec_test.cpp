#include "rabbitmq/event_codec.hpp"
#include "tests/rabbitmq/samples.hpp"

#include <doctest/doctest.h>

using namespace rabbitmq;
using broker::bus_event;
using broker::message;
using tests::message_to;

namespace {

using lines = std::vector<std::string>;

std::string encoded(std::vector<bus_event> const& events) {
    std::string body;
    begin_events(body);
    for (auto const& event : events) append_event(body, event);
    return body;
}

// A body that holds `events` as they are.
std::string body_of(std::vector<std::string> const& events) {
    std::string body;
    begin_events(body);
    for (auto const& event : events) body += static_cast<char>(event.size()) + event;
    return body;
}

message const& only_message(decoded_events const& decoded) {
    return *std::get<broker::topic_event>(decoded.events.at(0)).message;
}

std::string tail_of(std::string_view headers, std::string_view body) {
    return std::string(headers).append("\n").append(body) + '\0';
}

bool is_tail(std::string const& tail, std::uint64_t seq = 0) {
    return message::from_tail(tail, seq, false) != nullptr;
}

}  // namespace

TEST_CASE("events of every kind come out as they went in, in their order") {
    std::vector<bus_event> const events = {
        tests::to_topic("/topic/room.1", "hello", 17),
        tests::to_user("ada", "for you"),
        broker::access_ended_event{"/topic/room.1", "7"},
        broker::everybody_event{"/queue/notifications", message_to("/queue/notifications", "all")},
        tests::to_topic("/topic/typing", "", 0, true),
    };

    auto const decoded = decode_events(encoded(events));

    CHECK(!decoded.fault);
    CHECK(tests::shown(decoded.events) == tests::shown(events));
}

TEST_CASE("a message keeps its id, seq, flags and tails") {
    broker::message_fields fields;
    fields.destination = "/topic/room.1";
    fields.id = "id-1";
    fields.seq = 18'446'744'073'709'551'615U;
    fields.ephemeral = true;
    fields.headers = {{"a", "b"}, {"", "nameless"}, {"empty", ""}};
    SUBCASE("plain") {
        fields.body = "body\n\nwith lines";
    }
    SUBCASE("without a body") {
        fields.body = "";
    }
    SUBCASE("binary") {
        fields.body = std::string("\xff\0\xfe", 3);
    }
    SUBCASE("with escapes") {
        fields.destination = "/topic/a:b";
        fields.id = "id\\1";
        fields.headers.push_back({"line\nend", "carriage\rreturn:\\"});
        fields.body = "x";
    }
    message const sent(fields);
    auto const event = broker::topic_event{std::make_shared<message const>(fields)};

    auto const decoded = decode_events(encoded({event}));

    REQUIRE(!decoded.fault);
    auto const& got = only_message(decoded);
    CHECK(got.id() == sent.id());
    CHECK(got.destination() == sent.destination());
    CHECK(got.seq() == sent.seq());
    CHECK(got.ephemeral() == sent.ephemeral());
    CHECK(got.binary() == sent.binary());
    CHECK(got.body() == sent.body());
    for (auto const v : {stomp::version::v1_0, stomp::version::v1_1, stomp::version::v1_2}) {
        CHECK(got.tail(v) == sent.tail(v));
    }
}

TEST_CASE("the size of an event is known before it is written") {
    for (std::size_t const size : {0U, 1U, 100U, 127U, 128U, 20'000U}) {
        auto const event = tests::to_topic("/topic/a", std::string(size, 'x'), size * size);
        CHECK(encoded({event}).size() == events_header_size + encoded_size(event));
    }
    auto const user = tests::to_user(std::string(200, 'u'), "x");
    CHECK(encoded({user}).size() == events_header_size + encoded_size(user));
}

TEST_CASE("a canary is read as what it is, and no event") {
    for (std::uint64_t const number : {0ULL, 127ULL, 128ULL, 18'446'744'073'709'551'615ULL}) {
        auto body = encoded({tests::to_topic("/topic/a", "one", 1)});
        auto const before = body.size();
        append_canary(body, number);
        CHECK(body.size() - before == encoded_canary_size(number));
        append_event(body, tests::to_topic("/topic/a", "two", 2));

        auto const decoded = decode_events(body);
        CHECK(!decoded.fault);
        CHECK(decoded.events.size() == 2);
        CHECK(decoded.canaries == std::vector<std::uint64_t>{number});
    }
}

TEST_CASE("a canary that is longer than its number is a fault") {
    std::string body;
    begin_events(body);
    body += std::string("\x03\x05\x01\x00", 4);
    auto const decoded = decode_events(body);
    CHECK(decoded.canaries.empty());
    CHECK(decoded.fault == codec_error::trailing_octets);
}

TEST_CASE("a body that is cut anywhere gives the events before the cut and a fault") {
    auto const whole = encoded({tests::to_topic("/topic/a", "one", 1), tests::to_user("ada", "x")});
    auto const first = encoded({tests::to_topic("/topic/a", "one", 1)}).size();
    for (std::size_t size = 0; size != whole.size(); ++size) {
        CAPTURE(size);
        auto const decoded = decode_events(std::string_view(whole).substr(0, size));
        CHECK(decoded.events.size() == (size >= first ? 1 : 0));
        CHECK((decoded.fault || size == first));
    }
}

TEST_CASE("a body of another kind or version is refused as a whole") {
    auto body = encoded({tests::to_topic("/topic/a", "one")});
    CHECK(decode_events("{\"version\":1}").fault == codec_error::not_events);
    CHECK(decode_events("").fault == codec_error::not_events);
    CHECK(decode_events("\x53").fault == codec_error::truncated);
    body[1] = 2;
    CHECK(decode_events(body).fault == codec_error::unknown_version);
    CHECK(decode_events(body).events.empty());
}

TEST_CASE("an event that cannot be read takes none of the others with it") {
    auto const good = encoded({tests::to_topic("/topic/a", "x")}).substr(events_header_size + 1);
    auto const tail = tail_of("no:message\n", "");
    auto const tail_size = std::string(1, static_cast<char>(tail.size()));
    struct {
        std::string event;
        codec_error fault;
    } const cases[] = {
        {"\x09 from a newer node", codec_error::unknown_event},
        {"", codec_error::truncated},
        {std::string("\x03\x01"
                     "a",
                     3),
         codec_error::truncated},
        {std::string("\x03\x01"
                     "a\x01"
                     "b!",
                     6),
         codec_error::trailing_octets},
        {std::string("\x01\x02\x00\x00", 4), codec_error::unknown_flags},
        {std::string("\x01\x00\x00", 3) + tail_size + tail, codec_error::bad_message},
        {"\x01\x01" + std::string(10, '\xff'), codec_error::bad_number},
    };
    for (auto const& [event, fault] : cases) {
        auto const decoded = decode_events(body_of({good, event, good}));
        CHECK(decoded.fault == fault);
        CHECK(tests::shown(decoded.events) == lines{"/topic/a x", "/topic/a x"});
    }
}

TEST_CASE("a size that is larger than the rest allocates nothing") {
    std::string body;
    begin_events(body);
    body += "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    CHECK(decode_events(body).fault == codec_error::truncated);
    body.back() = '\x02';
    CHECK(decode_events(body).fault == codec_error::bad_number);
}

TEST_CASE("only what a node writes is a tail") {
    std::string const own = "message-id:1\ndestination:/topic/a\n";
    CHECK(is_tail(tail_of(own, "")));
    CHECK(is_tail(tail_of(own + "content-length:2\n", "hi")));
    CHECK(is_tail(tail_of(own + "seq:5\na:b\ncontent-length:2\n", "hi"), 5));

    CHECK(!is_tail(""));
    CHECK(!is_tail("message-id:1\n"));
    CHECK(!is_tail(own + "\n"));                                           // no NUL
    CHECK(!is_tail(tail_of("destination:/topic/a\nmessage-id:1\n", "")));  // another order
    CHECK(!is_tail(tail_of(own, "hi")));                                   // no length
    CHECK(!is_tail(tail_of(own + "content-length:3\n", "hi")));            // the wrong one
    CHECK(!is_tail(tail_of(own + "content-length:02\n", "hi")));
    CHECK(!is_tail(tail_of(own + "seq:6\n", ""), 5));
    CHECK(!is_tail(tail_of(own, ""), 5));
    CHECK(!is_tail(tail_of(own + "a\n", "")));      // no colon
    CHECK(!is_tail(tail_of(own + "a:b:c\n", "")));  // one too many
    CHECK(!is_tail(tail_of(own + "a:b\r\n", "")));
    CHECK(!is_tail(tail_of(own + "a:\\t\n", "")));  // an escape that there is not
    CHECK(!is_tail(tail_of(own + std::string("a:\0\n", 4), "")));
}
