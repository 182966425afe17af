#include "bench/client/loop_state.hpp"
#include "bench/mock/mock_server.hpp"

#include "client_support.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace bench;
using namespace bench::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

using texts = std::vector<std::string>;

// A port that takes connections and says what it is told to, or nothing.
class raw_server {
public:
    explicit raw_server(int backlog = 8) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(bind(listener_, generic, size) == 0);
        REQUIRE(listen(listener_, backlog) == 0);
        REQUIRE(getsockname(listener_, generic, &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    ~raw_server() {
        if (connection_ >= 0) close(connection_);
        if (listener_ >= 0) close(listener_);
    }
    raw_server(raw_server const&) = delete;
    raw_server& operator=(raw_server const&) = delete;

    void take() {
        connection_ = accept(listener_, nullptr, nullptr);
        REQUIRE(connection_ >= 0);
    }
    std::string read() const {
        char buffer[4096];
        auto const got = recv(connection_, buffer, sizeof buffer, MSG_DONTWAIT);
        return got <= 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(got));
    }
    // Its IPv4 address.
    std::uint32_t peer() const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        REQUIRE(getpeername(connection_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        return ntohl(address.sin_addr.s_addr);
    }
    void say(std::string_view text) const {
        REQUIRE(send(connection_, text.data(), text.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(text.size()));
    }
    void hang_up() {
        close(connection_);
        connection_ = -1;
    }
    void stop_listening() {
        close(listener_);
        listener_ = -1;
    }
    std::string url(std::string const& scheme, std::string const& path = "") const {
        return scheme + "://127.0.0.1:" + std::to_string(port_) + path;
    }

private:
    int listener_;
    int connection_ = -1;
    int port_ = 0;
};

std::string closed_of(recorder const& seen) {
    return seen.events.empty() ? "nothing" : seen.events.back();
}

void wait_for_close(client_loop& loop, recorder const& seen) {
    until(loop, [&] { return closed_of(seen).starts_with("closed: "); });
}

struct client_world {
    client_loop loop;
    client_options options;
    recorder seen;
    stomp_client client{loop, seen, options};
};

}  // namespace

TEST_CASE("a connection that does not come about says why, and not from inside connect()") {
    client_world all;
    raw_server gone;
    gone.stop_listening();
    std::string expected;
    std::string source;
    std::string url;
    SUBCASE("nobody listens") {
        url = gone.url("ws", "/ws");
        expected = "closed: connection refused";
    }
    SUBCASE("nobody listens at any address of the name") {
        url = "stomp://localhost" + gone.url("ws").substr(14);
        expected = "closed: connection refused";
    }
    SUBCASE("no such host") {
        url = "ws://no-such-host.invalid/ws";
        expected = "closed: no address for no-such-host.invalid: ";
    }
    SUBCASE("a source that is none") {
        url = gone.url("ws", "/ws");
        source = "here";
        expected = "closed: source address: \"here\" is no IPv4 or IPv6 address";
    }
    SUBCASE("a source of another family") {
        url = gone.url("ws", "/ws");
        source = "::1";
        expected = "closed: the source address is of another family";
    }
    SUBCASE("an authority's file that is missing") {
        raw_server there;
        all.options.certificate_authority = "/no/such/file.pem";
        all.client.connect(parse_url(there.url("wss", "/ws")), {});
        wait_for_close(all.loop, all.seen);
        CHECK(closed_of(all.seen).starts_with("closed: the authority's file /no/such/file.pem"));
        return;
    }
    all.client.connect(parse_url(url), {}, source);
    CHECK(all.seen.events.empty());
    wait_for_close(all.loop, all.seen);
    CHECK(closed_of(all.seen).starts_with(expected));
    CHECK(all.seen.events.size() == 1);
    CHECK_FALSE(all.client.connected());
}

TEST_CASE("an answer that is not what was asked for is reported") {
    client_world all;
    raw_server server;
    std::string scheme = "ws";
    std::string answer;
    std::string expected;
    SUBCASE("a refusal") {
        answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
        expected = "closed: HTTP/1.1 403 Forbidden";
    }
    SUBCASE("another protocol") {
        answer = "SSH-2.0-x\r\n\r\n";
        expected = "closed: what answers does not speak HTTP";
    }
    SUBCASE("no STOMP") {
        scheme = "stomp";
        answer = "HELLO\n\n\0"s;
        expected = "closed: broken STOMP: a frame that no server sends";
    }
    SUBCASE("no TLS") {
        scheme = "wss";
        answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
        expected = "closed: TLS: wrong version number";
    }
    all.client.connect(parse_url(server.url(scheme)), {});
    server.take();
    all.loop.turn(bench_clock::now() + 10ms);
    server.say(answer);
    wait_for_close(all.loop, all.seen);
    CHECK(closed_of(all.seen) == expected);
}

TEST_CASE("a server that stays silent is given up after the timeout, wherever it stopped") {
    client_world all;
    raw_server server;
    all.options.connect_timeout = 1s;
    for (auto const& [scheme, expected] : std::vector<std::pair<std::string, std::string>>{
             {"ws", "closed: timed out in the WebSocket handshake"},
             {"stomp", "closed: timed out waiting for CONNECTED"},
             {"wss", "closed: timed out in the TLS handshake"}}) {
        all.client.connect(parse_url(server.url(scheme)), {});
        auto const began = bench_clock::now();
        wait_for_close(all.loop, all.seen);
        CHECK(closed_of(all.seen) == expected);
        CHECK(bench_clock::now() - began < 5s);
        all.seen.events.clear();
    }
}

TEST_CASE("CONNECT carries the credentials, the host and the heart-beats, unescaped") {
    client_world all;
    raw_server server;
    all.options.virtual_host = "v:h";
    all.options.accept_version = "1.1,1.2";
    all.options.heart_beat_send = 7s;
    all.options.heart_beat_receive = 9s;
    credentials who;
    who.login = "a:b";
    who.passcode = "word";
    who.token = "t.o.k";
    who.headers = {{"x", "y"}};
    all.client.connect(parse_url(server.url("stomp")), who);
    server.take();
    std::string got;
    until(all.loop, [&] {
        got += server.read();
        return got.ends_with('\0');
    });
    CHECK(got ==
          "CONNECT\naccept-version:1.1,1.2\nhost:v:h\nheart-beat:7000,9000\nlogin:a:b\n"
          "passcode:word\nAuthorization:Bearer t.o.k\nx:y\n\n\0"s);
}

TEST_CASE("frames that come together or in pieces arrive alike") {
    client_world all;
    raw_server server;
    all.client.connect(parse_url(server.url("stomp")), {});
    server.take();
    server.say("CONNECTED\nversion:1.2\n\n\0\n\nMESSAGE\n\none\0MESSAGE\n\ntw"s);
    until(all.loop, [&] { return all.seen.events.size() == 2; });
    server.say("o\0RECEIPT\nreceipt-id:1\n\n\0"s);
    until(all.loop, [&] { return all.seen.events.size() == 4; });
    server.read();  // or it would be a reset
    server.hang_up();
    wait_for_close(all.loop, all.seen);
    CHECK(all.seen.events == texts{"connected", "message one", "message two", "receipt 1",
                                   "closed: closed by the server"});
}

TEST_CASE("heart-beats go both ways, and a server that stops is found out") {
    faults wrong;
    wrong.heart_beat = 100ms;
    SUBCASE("both beat") {}
    SUBCASE("the server is mute") {
        wrong.mute = true;
    }
    client_loop loop;
    mock_server server(loop, 0, wrong);
    recorder seen;
    client_options options;
    options.heart_beat_send = 50ms;
    options.heart_beat_receive = 50ms;
    stomp_client client(loop, seen, options);
    client.connect(parse_url("ws://127.0.0.1:" + std::to_string(server.port()) + "/ws"), {});
    if (wrong.mute) {
        wait_for_close(loop, seen);
        CHECK(closed_of(seen) == "closed: heart-beat missed: the server was silent for 200 ms");
        return;
    }
    until(loop, [&] { return server.done().heart_beats_received >= 4; });
    CHECK(seen.events == texts{"connected"});
}

TEST_CASE("a client may close, and connect again, in any call of its listener") {
    client_loop loop;
    mock_server server(loop, 0, {});
    auto const to = parse_url("ws://127.0.0.1:" + std::to_string(server.port()) + "/ws");
    client_options const options;
    recorder seen;
    stomp_client client(loop, seen, options);
    seen.connected = [&](stomp_client& self) {
        self.subscribe("s", "/topic/a");
        self.send("/topic/a", "x");
        self.send("/topic/a", "y");
    };
    bool politely = true;
    SUBCASE("politely") {}
    SUBCASE("at once") {
        politely = false;
    }
    int rounds = 0;
    seen.got = [&](stomp_client& self) {
        self.close(politely);
        CHECK_FALSE(self.connected());
        if (++rounds < 5) self.connect(to, {});
    };
    client.connect(to, {});
    until(loop, [&] { return rounds == 5; });
    CHECK(seen.messages() == texts{"x", "x", "x", "x", "x"});
    CHECK(server.done().connections == 5);
    // A close of one's own is not reported.
    CHECK_FALSE(closed_of(seen).starts_with("closed"));
}

TEST_CASE("a client that pauses leaves what it gets, and gets it when it resumes") {
    client_loop loop;
    mock_server server(loop, 0, {});
    auto const to = parse_url("ws://127.0.0.1:" + std::to_string(server.port()) + "/ws");
    client_options const options;
    recorder reads;
    recorder sends;
    stomp_client reader(loop, reads, options);
    stomp_client sender(loop, sends, options);
    reads.connected = [&](stomp_client& self) { self.subscribe("s", "/topic/a", "there"); };
    reader.connect(to, {});
    sender.connect(to, {});
    until(loop, [&] { return reads.saw("receipt there") && sender.connected(); });
    reader.pause_reading();
    sender.send("/topic/a", "x", "sent");
    until(loop, [&] { return sends.saw("receipt sent"); });
    loop.turn(bench_clock::now() + 20ms);
    CHECK(reads.messages().empty());
    reader.resume_reading();
    until(loop, [&] { return !reads.messages().empty(); });
}

TEST_CASE("a client connects from the address that it is given") {
    client_world all;
    raw_server server;
    all.client.connect(parse_url(server.url("stomp")), {}, "127.0.0.77");
    server.take();
    CHECK(server.peer() == 0x7f00004dU);
}

TEST_CASE("IPv6 is spoken, by address and when only that answers") {
    int const listener = socket(AF_INET6, SOCK_STREAM, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener, generic, size) != 0) {
        MESSAGE("this machine has no IPv6");
        close(listener);
        return;
    }
    REQUIRE(listen(listener, 8) == 0);
    REQUIRE(getsockname(listener, generic, &size) == 0);
    client_world all;
    all.client.connect(parse_url("stomp://[::1]:" + std::to_string(ntohs(address.sin6_port))), {},
                       "::1");
    int const connection = accept(listener, nullptr, nullptr);
    CHECK(connection >= 0);
    close(connection);
    wait_for_close(all.loop, all.seen);
    CHECK(closed_of(all.seen).starts_with("closed: c"));
    close(listener);
}

TEST_CASE("actions come in order, not before they are due and soon after, and may be woken") {
    client_loop loop;
    std::vector<int> seen;
    auto const began = bench_clock::now();
    loop.at(began + 3ms, [&] { seen.push_back(3); });
    loop.at(began + 1ms, [&] { seen.push_back(1); });
    loop.at(began + 1ms, [&] {
        CHECK(bench_clock::now() >= began + 1ms);
        seen.push_back(2);
        loop.at(began, [&] { seen.push_back(0); });
    });
    until(loop, [&] { return seen.size() == 4; });
    CHECK(seen[0] == 1);
    CHECK(seen[1] == 2);

    std::thread waker([&] { loop.wake(); });
    loop.turn(bench_clock::now() + 20s);
    waker.join();
    CHECK(bench_clock::now() - began < 15s);
}

TEST_CASE("clients may be destroyed in the calls of others") {
    client_loop loop;
    mock_server server(loop, 0, {});
    auto const to = parse_url("ws://127.0.0.1:" + std::to_string(server.port()) + "/ws");
    client_options const options;
    recorder seen;
    std::vector<std::unique_ptr<stomp_client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<stomp_client>(loop, seen, options));
        clients.back()->connect(to, {});
    }
    seen.connected = [&](stomp_client& self) { self.subscribe("s", "/topic/a", "r"); };
    until(loop, [&] { return seen.events.size() == 40; });
    bool first = true;
    seen.got = [&](stomp_client& self) {
        if (!std::exchange(first, false)) return;
        std::erase_if(clients, [&](auto const& one) { return one.get() != &self; });
    };
    clients[0]->send("/topic/a", "x", "sent");
    until(loop, [&] { return !first; });
    for (int i = 0; i < 3; ++i) loop.turn(bench_clock::now() + 1ms);
    CHECK(seen.messages().size() == 1);
}
