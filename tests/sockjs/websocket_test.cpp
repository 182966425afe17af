#include "tests/sockjs/support.hpp"

#include <doctest/doctest.h>
#include <limits>

using namespace sockjs_test;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;
using closing = std::pair<std::uint16_t, std::string>;

constexpr char const* framed_url = "/echo/000/abc/websocket";
constexpr char const* raw_url = "/echo/websocket";

// A WebSocket of the rig's service, open.
struct open_socket {
    open_socket(service_rig& owner, char const* url, std::vector<http_header> headers = {})
        : rig(owner), exchange(owner.upgrade(url, std::move(headers))) {
        REQUIRE(exchange->websocket != nullptr);
        exchange->websocket->on_open(socket);
    }
    void receive(std::string message, frame_kind kind = frame_kind::text) {
        exchange->websocket->on_message(message, kind);
    }
    void end(std::uint16_t code, std::string_view reason) {
        exchange->websocket->on_close(code, reason);
        exchange->websocket.reset();
    }

    service_rig& rig;
    exchange_ptr exchange;
    fake_socket socket;
};

}  // namespace

TEST_CASE("a framed WebSocket opens, carries messages both ways, and closes") {
    service_rig rig;
    make_echo(rig.log);
    open_socket client(rig, framed_url);
    CHECK(client.socket.sent == texts{"o"});
    CHECK(rig.log.connection->transport_name() == "sockjs-websocket");
    CHECK(rig.log.connection->text_only());
    client.receive(R"(["a","b"])");
    client.receive(R"("c")");
    CHECK(rig.log.messages == texts{"a", "b", "c"});
    CHECK(client.socket.sent == texts{"o", R"(a["a"])", R"(a["b"])", R"(a["c"])"});
    rig.log.connection->close(3000, "Go away!");
    CHECK(client.socket.sent.back() == R"(c[3000,"Go away!"])");
    CHECK(client.socket.closed == closing{3000, "Go away!"});
    send_text(*rig.log.connection, "late");
    client.receive(R"(["late"])");
    CHECK(client.socket.sent.size() == 5);
    CHECK(rig.log.messages.size() == 3);
    client.end(3000, "Go away!");
    CHECK(rig.log.closed == closing{3000, "Go away!"});
    CHECK(rig.log.destroyed);
}

TEST_CASE("empty messages and empty arrays are heart-beats of the client") {
    service_rig rig;
    open_socket client(rig, framed_url);
    client.receive("");
    client.receive("[]");
    client.receive(" \n");
    CHECK(rig.log.messages.empty());
    CHECK_FALSE(client.socket.closed.has_value());
}

TEST_CASE("broken frames end the socket without a SockJS frame") {
    service_rig rig;
    for (auto const* broken : {R"(["a)", "x", "[1]", "{}"}) {
        open_socket client(rig, framed_url);
        client.receive(broken);
        CHECK(client.socket.closed->first == 1007);
        CHECK(client.socket.sent == texts{"o"});
        client.end(1007, "");
    }
    open_socket client(rig, framed_url);
    client.receive("[\"\xff\"]", frame_kind::binary);
    CHECK(client.socket.closed->first == 1007);
    client.end(1007, "");
}

TEST_CASE("a message over the bound ends the socket") {
    sockjs::service_options options;
    options.max_message_bytes = 4;
    service_rig rig(options);
    open_socket client(rig, framed_url);
    client.receive(R"(["1234"])");
    client.receive(R"(["1234","12345"])");
    CHECK(client.socket.closed->first == 1009);
    CHECK(rig.log.messages == texts{"1234"});
    client.end(1009, "");
}

TEST_CASE("two sockets may share a session id: each is a session of its own") {
    service_rig rig;
    open_socket first(rig, framed_url);
    open_socket second(rig, framed_url);
    CHECK(rig.log.opened == 2);
    CHECK(rig.service.session_count(0) == 0);
    second.end(1000, "");
    first.end(1000, "");
}

TEST_CASE("a silent framed socket gets a heart-beat, a busy one none") {
    service_rig rig;
    open_socket client(rig, framed_url);
    rig.shard().pass(20s);
    send_text(*rig.log.connection, "x");
    rig.shard().pass(24900ms);
    CHECK(client.socket.sent.size() == 2);
    rig.shard().pass(300ms);
    CHECK(client.socket.sent.back() == "h");
    rig.shard().pass(25100ms);
    CHECK(client.socket.sent.size() == 4);
    client.end(1006, "");
    rig.shard().pass(60s);
}

TEST_CASE("a pause in the middle of a frame holds its rest and the socket") {
    service_rig rig;
    rig.log.when_message = [](auto& connection, auto&) { connection.pause_reading(); };
    open_socket client(rig, framed_url);
    client.receive(R"(["a","b","c"])");
    CHECK(rig.log.messages == texts{"a"});
    CHECK(client.socket.paused);
    rig.log.connection->resume_reading();
    CHECK(rig.log.messages == texts{"a"});
    rig.shard().turn();
    CHECK(rig.log.messages == texts{"a", "b"});
    CHECK(client.socket.paused);
    rig.log.when_message = {};
    rig.log.connection->resume_reading();
    rig.shard().turn();
    CHECK(rig.log.messages == texts{"a", "b", "c"});
    CHECK_FALSE(client.socket.paused);
    SUBCASE("a pause with nothing left resumes at once") {
        rig.log.connection->pause_reading();
        CHECK(client.socket.paused);
        rig.log.connection->resume_reading();
        CHECK_FALSE(client.socket.paused);
    }
    SUBCASE("the socket may end before it resumes") {
        rig.log.when_message = [](auto& connection, auto&) { connection.pause_reading(); };
        client.receive(R"(["d","e"])");
        rig.log.connection->resume_reading();
        client.end(1006, "");
        rig.shard().turn();
        CHECK(rig.log.messages.size() == 4);
    }
}

TEST_CASE("what a message may have is passed on to the socket") {
    service_rig rig;
    SUBCASE("on the raw WebSocket as it is") {
        open_socket client(rig, raw_url);
        rig.log.connection->limit_messages(1000);
        CHECK(client.socket.message_limit == 1000);
    }
    SUBCASE("in SockJS frames with room for the escapes of JSON") {
        open_socket client(rig, framed_url);
        rig.log.connection->limit_messages(1000);
        CHECK(client.socket.message_limit == 6064);
        constexpr auto unbounded = std::numeric_limits<std::size_t>::max();
        rig.log.connection->limit_messages(unbounded);
        CHECK(client.socket.message_limit == unbounded);
    }
}

TEST_CASE("a droppable message stays droppable in its frame") {
    service_rig rig;
    struct droppable_socket final : websocket_connection {
        std::vector<bool> droppable;
        void send(payload_ref head, payload_ref, frame_kind) override {
            droppable.push_back(head->droppable);
        }
        void close(std::uint16_t, std::string_view) override {}
        void abort() override {}
        void limit_messages(std::size_t) override {}
        void pause_reading() override {}
        void resume_reading() override {}
        std::size_t queued_bytes() const override { return 0; }
    } socket;
    auto const exchange = rig.upgrade(framed_url);
    exchange->websocket->on_open(socket);
    send_text(*rig.log.connection, "x", true);
    send_text(*rig.log.connection, "x", false);
    CHECK(socket.droppable == std::vector<bool>{false, true, false});
}

TEST_CASE("an overflow is the application's to decide; by default the socket is aborted") {
    service_rig rig;
    for (auto const* url : {framed_url, raw_url}) {
        open_socket client(rig, url);
        client.exchange->websocket->on_overflow(client.socket);
        CHECK(client.socket.aborted);
        client.end(1006, "");
    }
    CHECK(rig.log.overflows == 2);
}

TEST_CASE("a raw WebSocket has no frames and no heart-beats, and takes binary messages") {
    service_rig rig;
    open_socket client(rig, raw_url);
    CHECK(client.socket.sent.empty());
    CHECK(rig.log.connection->transport_name() == "sockjs-websocket-raw");
    CHECK_FALSE(rig.log.connection->text_only());
    client.receive("[\"not a frame\"]");
    client.receive("\xff", frame_kind::binary);
    CHECK(rig.log.messages == texts{"[\"not a frame\"]", "\xff"});
    rig.log.connection->send(make_payload("he"), make_payload("ad"), frame_kind::binary);
    CHECK(client.socket.sent == texts{"head"});
    CHECK(client.socket.kinds == std::vector{frame_kind::binary});
    rig.shard().pass(60s);
    CHECK(client.socket.sent.size() == 1);
    rig.log.connection->close(1006, "Go away!");
    CHECK(client.socket.closed == closing{1000, "Go away!"});
    client.end(1000, "");
}

TEST_CASE("a raw WebSocket speaks the best subprotocol that the client offers") {
    sockjs::service_options options;
    options.subprotocols = {"v12.stomp", "v11.stomp", "v10.stomp"};
    service_rig rig(options);
    auto chosen = [&](std::vector<http_header> headers) {
        return rig.upgrade(raw_url, std::move(headers))->subprotocol;
    };
    CHECK(chosen({}).empty());
    CHECK(chosen({{"Sec-WebSocket-Protocol", "v10.stomp, v11.stomp,v12.stomp"}}) == "v12.stomp");
    CHECK(chosen({{"Sec-WebSocket-Protocol", "v10.stomp"},
                  {"sec-websocket-protocol", " v11.stomp\t"}}) == "v11.stomp");
    CHECK(chosen({{"Sec-WebSocket-Protocol", "mqtt, v12.stompx"}}).empty());
    CHECK(rig.upgrade(framed_url, {{"Sec-WebSocket-Protocol", "v12.stomp"}})->subprotocol.empty());
}

TEST_CASE("bounds of the service become bounds of its sockets") {
    sockjs::service_options options;
    options.max_message_bytes = 111;
    options.max_payload_bytes = 222;
    options.outbound_bytes = 333;
    options.permessage_deflate = true;
    service_rig rig(options);
    auto const raw = rig.upgrade(raw_url)->websocket_limits;
    CHECK(raw.max_message_bytes == 111);
    CHECK(raw.outbound_bytes == 333);
    CHECK(raw.permessage_deflate);
    CHECK(rig.upgrade(framed_url)->websocket_limits.max_message_bytes == 222);
}

TEST_CASE("what is no handshake is told so") {
    service_rig rig;
    for (auto const* url : {framed_url, raw_url}) {
        auto const plain = rig.get(url);
        CHECK(plain->answer->status == 400);
        CHECK(plain->text() == "Can \"Upgrade\" only to \"WebSocket\".\n");
        auto const closed = rig.get(url, {{"Upgrade", "WebSocket"}, {"Connection", "close"}});
        CHECK(closed->answer->status == 400);
        CHECK(closed->text() == "\"Connection\" must be \"Upgrade\".\n");
    }
    CHECK(rig.log.opened == 0);
}
