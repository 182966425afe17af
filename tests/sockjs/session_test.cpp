#include "tests/sockjs/support.hpp"

#include <doctest/doctest.h>

using namespace sockjs_test;
using namespace std::chrono_literals;

namespace {

constexpr char const* url = "/echo/000/abc";

using texts = std::vector<std::string>;
using closing = std::pair<std::uint16_t, std::string>;

}  // namespace

TEST_CASE("the first poll opens the session and is answered at once") {
    service_rig rig;
    auto const poll = rig.post(at("xhr"));
    CHECK(poll->text() == "o\n");
    CHECK(poll->finished);
    CHECK(rig.log.opened == 1);
    CHECK(rig.log.connection->transport_name() == "sockjs-xhr-polling");
    CHECK(rig.log.connection->text_only());
}

TEST_CASE("messages that arrive between two polls wait for the next one, together") {
    service_rig rig;
    make_echo(rig.log);
    rig.post(at("xhr"));
    CHECK(rig.post(at("xhr_send"), R"(["a","b"])")->answer->status == 204);
    CHECK(rig.post(at("xhr_send"), R"(["c"])")->answer->status == 204);
    CHECK(rig.log.messages == texts{"a", "b", "c"});
    CHECK(rig.post(at("xhr"))->text() == "a[\"a\",\"b\",\"c\"]\n");
}

TEST_CASE("a poll waits for a message, and its answer ends with the first frame") {
    service_rig rig;
    make_echo(rig.log);
    rig.post(at("xhr"));
    auto const poll = rig.post(at("xhr"));
    CHECK_FALSE(poll->finished);
    rig.post(at("xhr_send"), R"(["a"])");
    CHECK(poll->text() == "a[\"a\"]\n");
    CHECK(poll->finished);
}

TEST_CASE("a streaming receiver gets each frame as a chunk of its own") {
    service_rig rig;
    make_echo(rig.log);
    auto const stream = rig.post(at("xhr_streaming"));
    rig.post(at("xhr_send"), R"(["a"])");
    rig.post(at("xhr_send"), R"(["b"])");
    REQUIRE(stream->pieces.size() == 4);
    CHECK(stream->pieces[0] == std::string(2048, 'h') + "\n");
    CHECK(stream->pieces[1] == "o\n");
    CHECK(stream->pieces[2] == "a[\"a\"]\n");
    CHECK(stream->pieces[3] == "a[\"b\"]\n");
    CHECK_FALSE(stream->finished);
}

TEST_CASE("a stream ends when its limit is reached, and the next one goes on") {
    sockjs::service_options options;
    options.streaming_limit = 4096;
    service_rig rig(options);
    make_echo(rig.log);
    auto const stream = rig.post(at("xhr_streaming"));
    auto const message = "[\"" + std::string(128, 'x') + "\"]";
    for (int i = 0; i < 31; ++i) {
        CHECK_FALSE(stream->finished);
        rig.post(at("xhr_send"), message);
    }
    CHECK(stream->finished);  // 2 + 31 * 134 bytes: the prelude does not count
    rig.post(at("xhr_send"), R"(["next"])");
    CHECK(rig.post(at("xhr_streaming"))->pieces.back() == "a[\"next\"]\n");
    CHECK(rig.log.opened == 1);
}

TEST_CASE("what has gathered is sent in frames of bounded size") {
    sockjs::service_options options;
    options.streaming_limit = 1000;
    service_rig rig(options);
    rig.post(at("xhr"));
    for (int i = 0; i < 6; ++i) send_text(*rig.log.connection, std::string(400, 'x'));
    rig.shard().turn();
    auto const first = rig.post(at("xhr"))->text();
    auto const second = rig.post(at("xhr"))->text();
    CHECK(first.size() == 3 * 403 + 3);
    CHECK(second.size() == 3 * 403 + 3);
    CHECK(rig.log.connection->queued_bytes() == 0);
}

TEST_CASE("a second receiver is refused and the first goes on") {
    service_rig rig;
    make_echo(rig.log);
    auto const first = rig.post(at("xhr_streaming"));
    auto const second = rig.post(at("xhr_streaming"));
    CHECK(second->pieces.back() == "c[2010,\"Another connection still open\"]\n");
    CHECK(second->finished);
    CHECK(rig.post(at("xhr"))->text() == "c[2010,\"Another connection still open\"]\n");
    second->lose_peer();
    rig.post(at("xhr_send"), R"(["a"])");
    CHECK(first->pieces.back() == "a[\"a\"]\n");
}

TEST_CASE("a receiver that is lost ends the session: its messages may be lost with it") {
    service_rig rig;
    auto const stream = rig.post(at("xhr_streaming"));
    stream->lose_peer();
    CHECK_FALSE(rig.log.closed.has_value());  // never from inside the transport's call
    rig.shard().turn();
    CHECK(rig.log.closed == closing{1006, "connection interrupted"});
    CHECK(rig.log.destroyed);
    CHECK(rig.post(at("xhr"))->text() == "c[1002,\"Connection interrupted\"]\n");
    SUBCASE("its xhr_send gets 404, so that the client reconnects at once") {
        CHECK(rig.post(at("xhr_send"), R"(["a"])")->answer->status == 404);
    }
    SUBCASE("its id is free again after the disconnect delay") {
        rig.shard().pass(5200ms);
        CHECK(rig.service.session_count(0) == 0);
        CHECK(rig.post(at("xhr"))->text() == "o\n");
        CHECK(rig.log.opened == 2);
    }
}

TEST_CASE("a lost poll ends the session too, an answered one does not") {
    service_rig rig;
    auto const opening = rig.post(at("xhr"));
    opening->lose_peer();  // complete: nothing happens
    auto const poll = rig.post(at("xhr"));
    CHECK_FALSE(rig.log.closed.has_value());
    poll->lose_peer();
    rig.shard().turn();
    CHECK(rig.log.closed.has_value());
}

TEST_CASE("a session without receiver expires after the disconnect delay") {
    service_rig rig;
    rig.post(at("xhr"));
    rig.shard().pass(4900ms);
    CHECK_FALSE(rig.log.closed.has_value());
    rig.shard().pass(300ms);
    CHECK(rig.log.closed == closing{1006, "session expired"});
    CHECK(rig.service.session_count(0) == 0);
    CHECK(rig.post(at("xhr_send"), R"(["a"])")->answer->status == 404);
}

TEST_CASE("a client on a slow link has time to read a large answer") {
    service_rig rig;
    rig.post(at("xhr"));
    send_text(*rig.log.connection, std::string(64 * 1024, 'x'));
    CHECK(rig.post(at("xhr"))->finished);
    rig.shard().pass(8900ms);
    CHECK_FALSE(rig.log.closed.has_value());
    rig.shard().pass(400ms);
    CHECK(rig.log.closed.has_value());
}

TEST_CASE("xhr_send alone does not keep a session alive") {
    service_rig rig;
    rig.post(at("xhr"));
    rig.shard().pass(4s);
    rig.post(at("xhr_send"), R"(["a"])");
    rig.shard().pass(1200ms);
    CHECK(rig.log.closed.has_value());
}

TEST_CASE("a silent receiver gets a heart-beat every 25 s") {
    service_rig rig;
    SUBCASE("streaming: one chunk, and the response goes on") {
        auto const stream = rig.post(at("xhr_streaming"));
        rig.shard().pass(24900ms);
        CHECK(stream->pieces.size() == 2);
        rig.shard().pass(200ms);
        CHECK(stream->pieces.back() == "h\n");
        rig.shard().pass(25100ms);
        CHECK(stream->pieces.size() == 4);
        CHECK_FALSE(stream->finished);
    }
    SUBCASE("polling: it answers the poll") {
        rig.post(at("xhr"));
        auto const poll = rig.post(at("xhr"));
        rig.shard().pass(25100ms);
        CHECK(poll->text() == "h\n");
        CHECK(poll->finished);
        rig.post(at("xhr"));
        CHECK_FALSE(rig.log.closed.has_value());
    }
    SUBCASE("every other frame postpones it") {
        auto const stream = rig.post(at("xhr_streaming"));
        rig.shard().pass(20s);
        send_text(*rig.log.connection, "x");
        rig.shard().pass(20s);
        CHECK(stream->pieces.back() == "a[\"x\"]\n");
        rig.shard().pass(5200ms);
        CHECK(stream->pieces.back() == "h\n");
    }
}

TEST_CASE("a receiver that has read nothing for a whole heart-beat is given up") {
    service_rig rig;
    auto const stream = rig.post(at("xhr_streaming"));
    stream->unsent = 100;
    rig.shard().pass(25100ms);
    CHECK_FALSE(stream->dropped);
    rig.shard().pass(25200ms);
    CHECK(stream->dropped);
    CHECK(rig.log.closed.has_value());
}

TEST_CASE("a close reaches a streaming receiver behind what was sent before") {
    service_rig rig;
    auto const stream = rig.post(at("xhr_streaming"));
    send_text(*rig.log.connection, "last words");
    rig.log.connection->close(3000, "Go away!");
    send_text(*rig.log.connection, "never sent");
    CHECK_FALSE(rig.log.closed.has_value());
    rig.shard().turn();
    REQUIRE(stream->pieces.size() == 4);
    CHECK(stream->pieces[2] == "a[\"last words\"]\n");
    CHECK(stream->pieces[3] == "c[3000,\"Go away!\"]\n");
    CHECK(stream->finished);
    CHECK(rig.log.closed == closing{3000, "Go away!"});
}

TEST_CASE("a polling client gets what was queued, then the close, again and again") {
    service_rig rig;
    rig.log.when_open = [](sockjs::connection& connection) {
        send_text(connection, "first");
        connection.close(3000, "Go away!");
    };
    CHECK(rig.post(at("xhr"))->text() == "o\n");
    CHECK_FALSE(rig.log.closed.has_value());
    CHECK(rig.post(at("xhr"))->text() == "a[\"first\"]\n");
    CHECK(rig.post(at("xhr"))->text() == "c[3000,\"Go away!\"]\n");
    CHECK(rig.log.closed == closing{3000, "Go away!"});
    CHECK(rig.post(at("xhr"))->text() == "c[3000,\"Go away!\"]\n");
    CHECK(rig.post(at("xhr_streaming"))->pieces.back() == "c[3000,\"Go away!\"]\n");
    CHECK(rig.post(at("xhr_send"), R"(["ignored"])")->answer->status == 204);
    CHECK(rig.log.messages.empty());
    rig.shard().pass(5200ms);
    CHECK(rig.service.session_count(0) == 0);
}

TEST_CASE("a close that nobody comes for is over after the disconnect delay") {
    service_rig rig;
    rig.post(at("xhr"));
    rig.log.connection->close(3000, "Go away!");
    rig.shard().pass(5200ms);
    CHECK(rig.log.closed == closing{3000, "Go away!"});
    CHECK(rig.service.session_count(0) == 0);
}

TEST_CASE("an abort drops what is queued and still says why") {
    service_rig rig;
    rig.post(at("xhr"));
    send_text(*rig.log.connection, "dropped");
    rig.log.connection->abort(4008, "too slow");
    rig.shard().turn();
    CHECK(rig.log.closed == closing{4008, "too slow"});
    CHECK(rig.post(at("xhr"))->text() == "c[4008,\"too slow\"]\n");
}

TEST_CASE("an abort breaks a stream that does not flow") {
    service_rig rig;
    auto const stream = rig.post(at("xhr_streaming"));
    stream->unsent = 5000;
    rig.log.connection->abort(4008, "too slow");
    rig.shard().turn();
    CHECK(stream->dropped);
    CHECK(rig.post(at("xhr"))->text() == "c[4008,\"too slow\"]\n");
}

TEST_CASE("closing inside of a message's own call is safe") {
    service_rig rig;
    rig.post(at("xhr"));
    SUBCASE("close") {
        rig.log.when_message = [](auto& connection, auto&) { connection.close(3001, "enough"); };
    }
    SUBCASE("abort") {
        rig.log.when_message = [](auto& connection, auto&) { connection.abort(3001, "enough"); };
    }
    CHECK(rig.post(at("xhr_send"), R"(["a"])")->answer->status == 204);
    CHECK(rig.post(at("xhr"))->text() == "c[3001,\"enough\"]\n");
    CHECK(rig.log.messages.size() == 1);
}

TEST_CASE("one session may change its transport") {
    service_rig rig;
    make_echo(rig.log);
    rig.post(at("xhr"));
    auto const stream = rig.get(at("eventsource"));
    CHECK(rig.log.connection->transport_name() == "sockjs-eventsource");
    rig.post(at("jsonp_send"), R"(["a"])");
    CHECK(stream->pieces.back() == "data: a[\"a\"]\r\n\r\n");
}

TEST_CASE("bytes that are not UTF-8 never break the frames") {
    service_rig rig;
    rig.post(at("xhr"));
    rig.log.connection->send(make_payload("a\xff"), make_payload("b"), frame_kind::binary);
    rig.log.connection->send(make_payload("안\xeb"), make_payload("\x85\x95"), frame_kind::binary);
    CHECK(rig.post(at("xhr"))->text() == "a[\"a\\ufffdb\",\"안녕\"]\n");
}

TEST_CASE("no more sessions than allowed") {
    sockjs::service_options options;
    options.max_sessions = 2;
    service_rig rig(options);
    rig.post("/echo/000/a/xhr");
    rig.post("/echo/000/b/xhr");
    CHECK(rig.post("/echo/000/c/xhr")->answer->status == 503);
    CHECK(rig.post("/echo/000/a/xhr_send", "[]")->answer->status == 204);
    rig.shard().pass(5200ms);
    CHECK(rig.post("/echo/000/c/xhr")->text() == "o\n");
}
