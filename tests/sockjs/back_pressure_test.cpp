#include "tests/sockjs/support.hpp"

#include <doctest/doctest.h>

using namespace sockjs_test;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("xhr_send is answered when the application reads again") {
    service_rig rig;
    rig.post(at("xhr"));
    rig.log.connection->pause_reading();
    auto const send = rig.post(at("xhr_send"), R"(["a","b"])");
    CHECK_FALSE(send->finished);
    CHECK(rig.log.messages.empty());
    rig.log.connection->resume_reading();
    CHECK(rig.log.messages.empty());  // never from inside the application's own call
    rig.shard().turn();
    CHECK(send->answer->status == 204);
    CHECK(rig.log.messages == texts{"a", "b"});
}

TEST_CASE("a pause between two messages of one xhr_send holds the second") {
    service_rig rig;
    rig.post(at("xhr"));
    rig.log.when_message = [](auto& connection, auto&) { connection.pause_reading(); };
    auto const send = rig.post(at("xhr_send"), R"(["a","b"])");
    CHECK(rig.log.messages == texts{"a"});
    CHECK_FALSE(send->finished);
    rig.log.when_message = {};
    rig.log.connection->resume_reading();
    rig.shard().turn();
    CHECK(rig.log.messages == texts{"a", "b"});
    CHECK(send->answer->status == 204);
}

TEST_CASE("sends wait in order, and only so many of them") {
    sockjs::service_options options;
    options.held_sends = 2;
    service_rig rig(options);
    rig.post(at("xhr"));
    rig.log.connection->pause_reading();
    auto const first = rig.post(at("xhr_send"), R"(["a"])");
    auto const second = rig.post(at("xhr_send"), R"(["b"])");
    CHECK(rig.post(at("xhr_send"), R"(["c"])")->answer->status == 503);
    rig.log.connection->resume_reading();
    rig.shard().turn();
    CHECK(rig.log.messages == texts{"a", "b"});
    CHECK(first->answer->status == 204);
    CHECK(second->answer->status == 204);
}

TEST_CASE("sends that wait when the session ends are answered") {
    service_rig rig;
    rig.post(at("xhr"));
    auto const poll = rig.post(at("xhr"));
    rig.log.connection->pause_reading();
    auto const send = rig.post(at("xhr_send"), R"(["a"])");
    SUBCASE("by loss: the client must know that they were not read") {
        poll->lose_peer();
        rig.shard().turn();
        CHECK(send->answer->status == 404);
    }
    SUBCASE("by the application: as on a socket that is closing, nobody reads them") {
        rig.log.connection->close(3000, "Go away!");
        rig.shard().turn();
        CHECK(send->answer->status == 204);
    }
    CHECK(rig.log.messages.empty());
}

TEST_CASE("a queue over its bound first drops what may be dropped") {
    sockjs::service_options options;
    options.outbound_bytes = 1000;
    service_rig rig(options);
    rig.post(at("xhr"));
    send_text(*rig.log.connection, std::string(600, 'a'));
    send_text(*rig.log.connection, std::string(600, 'b'), true);
    rig.shard().turn();
    CHECK(rig.log.overflows == 0);
    CHECK(rig.log.connection->queued_bytes() == 600);
    CHECK(rig.post(at("xhr"))->text() == "a[\"" + std::string(600, 'a') + "\"]\n");
}

TEST_CASE("a queue that is still over its bound closes the session, and says so") {
    sockjs::service_options options;
    options.outbound_bytes = 1000;
    service_rig rig(options);
    rig.post(at("xhr"));
    send_text(*rig.log.connection, std::string(600, 'a'));
    rig.shard().turn();
    send_text(*rig.log.connection, std::string(600, 'b'));
    CHECK(rig.log.overflows == 0);  // never from inside send()
    rig.shard().turn();
    CHECK(rig.log.overflows == 1);
    CHECK(rig.log.closed->first == 4008);
    CHECK(rig.post(at("xhr"))->text() == "c[4008,\"outbound queue limit exceeded\"]\n");
}

TEST_CASE("what the network has not taken of a stream counts too") {
    sockjs::service_options options;
    options.outbound_bytes = 1000;
    service_rig rig(options);
    auto const stream = rig.post(at("xhr_streaming"));
    stream->unsent = 1001;
    send_text(*rig.log.connection, "x");
    rig.shard().turn();
    CHECK(rig.log.overflows == 1);
    CHECK(stream->dropped);
}

TEST_CASE("payloads and messages over their bounds are refused") {
    sockjs::service_options options;
    options.max_message_bytes = 10;
    options.max_payload_bytes = 40;
    service_rig rig(options);
    rig.post(at("xhr"));
    CHECK(rig.post(at("xhr_send"), R"(["0123456789","\u0061123456789"])")->answer->status == 204);
    CHECK(rig.post(at("xhr_send"), R"(["01234567890"])")->answer->status == 413);
    CHECK(rig.post(at("xhr_send"), "[" + std::string(39, ' ') + "]")->answer->status == 413);
    CHECK(rig.log.messages.size() == 2);
}
