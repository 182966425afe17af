#include "node/settings_mapping.hpp"

#include "tests/node/read_settings.hpp"

#include <doctest/doctest.h>

#include <string_view>

// Each key of the configuration reaches the option that it is about: every key has a value of its
// own, read as from a file, and every option that is made from one is compared.

using namespace std::chrono_literals;
using node_test::names;
using node_test::read;

namespace {

constexpr auto sizes = R"(
[limits.frame]
max_headers = 41
max_header_line = 1001
max_headers_size = 2002
max_body = 3003

[limits.pre_connect]
deadline = "1001 ms"
max_frame = 4004
max_headers = 42

[limits.session]
max_subscriptions = 43
max_pending_acks = 44
max_delivery_attempts = 45
max_transactions = 46
max_transaction_frames = 47
max_transaction_size = 5005
max_app_sends_in_flight = 48

[limits.outbound]
queue = 60006

[limits.websocket]
max_message = 70007
permessage_deflate = true
deflate_threshold = 80
ping_interval = "21 s"
ping_timeout = "22 s"

[limits.http]
max_header = 9009
max_body = 90010
request_timeout = "23 s"
idle_timeout = "8 s"

[limits.connections]
per_node = 51

[stomp]
heart_beat_send = "1002 ms"
heart_beat_receive = "1003 ms"
heart_beat_grace = "1004 ms"
heart_beat_patience = "1005 ms"

[http]
websocket_path = "/own-ws"
allowed_origins = ["https://a.example", "https://b.example"]

[sockjs]
path = "/own-sockjs"
websocket = false
session_cookie = true
heart_beat = "1006 ms"
disconnect_delay = "1007 ms"
stream_limit = 11011
client_url = "/own.js"
max_sessions = 52

[node]
shards = 3
)";

names const origins{"https://a.example", "https://b.example"};

}  // namespace

TEST_CASE("the limits of a session") {
    auto const got = node::session_limits_of(read(sizes));
    CHECK(got.frames_before_connect.max_header_count == 42);
    CHECK(got.frames_before_connect.max_header_line == 4004);
    CHECK(got.frames_before_connect.max_headers_total == 4004);
    CHECK(got.frames_before_connect.max_body == 4004);
    // Little, however long a token may be.
    CHECK(node::session_limits_of(read("")).frames_before_connect.max_body == 4096);
    CHECK(got.frames.max_header_count == 41);
    CHECK(got.frames.max_header_line == 1001);
    CHECK(got.frames.max_headers_total == 2002);
    CHECK(got.frames.max_body == 3003);
    CHECK(got.connect_timeout == 1001ms);
    CHECK(got.heart_beat_send_every == 1002ms);
    CHECK(got.heart_beat_want_every == 1003ms);
    CHECK(got.heart_beat_grace == 1004ms);
    CHECK(got.heart_beat_patience_with_pings == 1005ms);
    CHECK(got.max_subscriptions == 43);
    CHECK(got.max_pending_acks == 44);
    CHECK(got.max_delivery_attempts == 45);
    CHECK(got.max_transactions == 46);
    CHECK(got.max_transaction_frames == 47);
    CHECK(got.max_transaction_bytes == 5005);
    CHECK(got.max_app_sends_in_flight == 48);
}

TEST_CASE("the WebSocket endpoint") {
    auto const got = node::websocket_endpoint_of(read(sizes));
    CHECK(got.path == "/own-ws");
    CHECK(got.allowed_origins == origins);
    CHECK(got.options.max_message_bytes == 70007);
    CHECK(got.options.outbound_bytes == 60006);
    CHECK(got.options.permessage_deflate);
    CHECK(got.options.deflate_threshold == 80);
    CHECK(got.options.ping_interval_s == 21);
    CHECK(got.options.ping_timeout_s == 22);
}

TEST_CASE("SockJS") {
    auto const got = node::sockjs_options_of(read(sizes));
    CHECK(got.prefix == "/own-sockjs");
    CHECK_FALSE(got.websocket);
    CHECK(got.jsessionid);
    CHECK(got.sockjs_url == "/own.js");
    CHECK(got.allowed_origins == origins);
    CHECK(got.streaming_limit == 11011);
    CHECK(got.heart_beat == 1006ms);
    CHECK(got.disconnect_delay == 1007ms);
    CHECK(got.max_message_bytes == 70007);
    CHECK(got.max_payload_bytes == 90010);
    CHECK(got.outbound_bytes == 60006);
    CHECK(got.max_sessions == 52);
    CHECK(got.permessage_deflate);
    CHECK(got.ping_interval_s == 21);
    CHECK(got.ping_timeout_s == 22);
    CHECK(got.subprotocols == names{"v12.stomp", "v11.stomp", "v10.stomp"});
    // A connection to another node ends before that node ends it.
    CHECK(got.forwarding.idle_timeout == 4s);
    CHECK(got.forwarding.secret.empty());

    // What is on by itself, off, and the other way round: no two of these are mistaken.
    auto const other = node::sockjs_options_of(read(""));
    CHECK(other.websocket);
    CHECK_FALSE(other.jsessionid);
    CHECK_FALSE(other.permessage_deflate);
}

TEST_CASE("connections and HTTP") {
    auto const got = node::transport_options_of(read(sizes));
    CHECK(got.loops == 3);
    CHECK(got.max_connections == 51);
    CHECK(got.http.header_bytes == 9009);
    CHECK(got.http.body_bytes == 90010);
    CHECK(got.http.body_deadline == 23s);
    CHECK(got.http.idle_deadline == 8s);
    CHECK(got.tcp.outbound_bytes == 60006);
    CHECK(node::transport_options_of(read("")).loops >= 1);
}

TEST_CASE("times that a part has in seconds are never shorter than they were given") {
    auto const given = read(
        "[limits.websocket]\nping_interval = \"1001 ms\"\nping_timeout = \"2001 ms\"\n"
        "[limits.http]\nrequest_timeout = \"3001 ms\"\nidle_timeout = \"4001 ms\"\n");
    CHECK(node::websocket_endpoint_of(given).options.ping_interval_s == 2);
    CHECK(node::websocket_endpoint_of(given).options.ping_timeout_s == 3);
    CHECK(node::transport_options_of(given).http.body_deadline == 4s);
    CHECK(node::transport_options_of(given).http.idle_deadline == 5s);
}

TEST_CASE("a listener") {
    auto const got = read(
        "[[listeners]]\naddress = \"127.0.0.2:61\"\ntls_certificate = \"/c\"\ntls_key = \"/k\"\n"
        "[[listeners]]\naddress = \"127.0.0.3:62\"\nprotocol = \"stomp\"\n",
        {{"/c", "c"}, {"/k", "k"}});
    auto const first = node::listener_options_of(got.listeners.at(0));
    CHECK(first.address == "127.0.0.2");
    CHECK(first.port == 61);
    REQUIRE(first.tls);
    CHECK(first.tls->certificate_chain == "/c");
    CHECK(first.tls->private_key == "/k");
    CHECK_FALSE(first.open_until_stop);
    auto const second = node::listener_options_of(got.listeners.at(1));
    CHECK(second.address == "127.0.0.3");
    CHECK(second.port == 62);
    CHECK_FALSE(second.tls);
}

TEST_CASE("rates and numbers of connections") {
    using enum broker::limiting::activity;
    auto const text = R"(
[limits.rate.user]
send = "1/s"
send_burst = 11
subscribe = "2/s"
subscribe_burst = 12
connect = "4/s"
connect_burst = 13
request = "5/s"
request_burst = 14

[limits.rate.address]
send = "8/s"
send_burst = 15
subscribe = "10/s"
subscribe_burst = 16
connect = "16/s"
connect_burst = 17
request = "20/s"
request_burst = 18
failed_login = "30/min"
failed_login_burst = 19

[limits.rate]
longest_wait = "1001 ms"

[limits.connections]
per_node = 21
per_address = 22
sessions_per_address = 23
sessions_per_user = 24
)";
    auto got = node::limits_of(read(text).limits);
    using rate = broker::limiting::rate;
    CHECK(got.user(send) == rate{1000ms, 11});
    CHECK(got.user(subscribe) == rate{500ms, 12});
    CHECK(got.user(connect) == rate{250ms, 13});
    CHECK(got.user(request) == rate{200ms, 14});
    CHECK(got.address(send) == rate{125ms, 15});
    CHECK(got.address(subscribe) == rate{100ms, 16});
    CHECK(got.address(connect) == rate{62'500us, 17});
    CHECK(got.address(request) == rate{50ms, 18});
    CHECK(got.address(failed_login) == rate{2s, 19});
    CHECK(got.longest_wait == 1001ms);
    CHECK(got.sockets_per_address == 22);
    CHECK(got.sessions_per_address == 23);
    CHECK(got.sessions_per_user == 24);

    auto off = node::limits_of(read("[limits.rate.user]\nsend = 0\nsend_burst = 7\n").limits);
    CHECK(off.user(send).off());
    CHECK_FALSE(off.user(subscribe).off());
}

TEST_CASE("proxies and the header by which they tell") {
    auto const got =
        node::trusted_proxies_of(read("[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"192.0.2.1\"]\n"
                                      "client_address_header = \"X-Own\"\n")
                                     .http);
    CHECK(got.header == "X-Own");
    REQUIRE(got.networks.size() == 2);
    auto const trusts = [&got](std::string_view text) {
        return got.trusts(*broker::limiting::client_address::parse(text));
    };
    CHECK(trusts("10.1.2.3"));
    CHECK(trusts("192.0.2.1"));
    CHECK_FALSE(trusts("192.0.2.2"));
}
