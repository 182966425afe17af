#include "bench/client/endpoint.hpp"

#include "client_support.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

// The clients against a node; test_client.py starts it and says in the environment where it is.

using namespace bench;
using namespace bench::test;
using namespace std::chrono_literals;

namespace {

std::string from_environment(std::string const& name) {
    char const* const value = std::getenv(name.c_str());
    REQUIRE_MESSAGE(value != nullptr, name);
    return value;
}

struct node_world {
    node_world() { options.certificate_authority = from_environment("BENCH_AUTHORITY"); }

    credentials alice() const {
        credentials out;
        out.login = "alice";
        out.passcode = "correct horse";
        return out;
    }
    void connect(std::string const& url) { client.connect(parse_url(url), alice()); }
    void wait_for_close() {
        until(loop,
              [&] { return !seen.events.empty() && seen.events.back().starts_with("closed: "); });
    }

    client_loop loop;
    client_options options;
    recorder seen;
    stomp_client client{loop, seen, options};
};

constexpr char const* addresses[] = {"BENCH_WS",      "BENCH_WSS",   "BENCH_SOCKJS",
                                     "BENCH_SOCKJSS", "BENCH_STOMP", "BENCH_STOMPS"};

}  // namespace

TEST_CASE("a node is spoken to over every transport, with and without TLS") {
    for (std::string const name : addresses) {
        CAPTURE(name);
        node_world all;
        all.options.heart_beat_send = all.options.heart_beat_receive = 10s;
        constexpr int count = 300;
        std::string const large(200'000, 'l');
        all.seen.connected = [&](stomp_client& self) {
            self.subscribe("s:1", "/topic/open.a", "subscribed");
            for (int i = 0; i < count; ++i) {
                self.send("/topic/open.a", std::to_string(i), "sent " + std::to_string(i));
            }
            self.send("/topic/open.a", large);
            self.unsubscribe("s:1", "unsubscribed");
            self.disconnect("gone");
        };
        all.connect(from_environment(name));
        until(all.loop, [&] { return all.seen.saw("receipt gone"); });
        CHECK(all.seen.saw("connected"));
        CHECK(all.seen.saw("receipt subscribed"));
        CHECK(all.seen.saw("receipt sent 299"));
        CHECK(all.seen.saw("receipt unsubscribed"));
        auto const messages = all.seen.messages();
        REQUIRE(messages.size() == count + 1);
        for (int i = 0; i < count; ++i) {
            REQUIRE(messages[static_cast<std::size_t>(i)] == std::to_string(i));
        }
        CHECK(messages.back() == large);
        all.client.close(true);
        all.loop.turn(bench_clock::now() + 20ms);
    }
}

TEST_CASE("a certificate is believed only when it is the server's and an authority stands for it") {
    for (std::string const name : {"BENCH_WSS", "BENCH_STOMPS"}) {
        CAPTURE(name);
        auto const url = from_environment(name);
        {
            node_world all;
            all.options.certificate_authority.clear();
            all.connect(url);
            all.wait_for_close();
            CHECK(all.seen.events.back() ==
                  "closed: TLS: the certificate is refused: self-signed certificate");
        }
        auto by_number = url;
        by_number.replace(by_number.find("localhost"), 9, "127.0.0.1");
        {
            node_world all;
            all.connect(by_number);
            all.wait_for_close();
            CHECK(all.seen.events.back() ==
                  "closed: TLS: the certificate is refused: IP address mismatch");
        }
        {
            node_world all;
            all.options.verify_certificate = false;
            all.connect(by_number);
            until(all.loop, [&] { return all.client.connected(); });
        }
    }
}

TEST_CASE("a refused login is an ERROR and a close that says why") {
    for (std::string const name : addresses) {
        CAPTURE(name);
        node_world all;
        auto mallory = all.alice();
        mallory.passcode = "wrong";
        all.client.connect(parse_url(from_environment(name)), mallory);
        all.wait_for_close();
        CHECK(all.seen.events.front() == "error credentials refused");
        CHECK(all.seen.events.size() == 2);
        bool const tcp = name.starts_with("BENCH_STOMP");
        bool const sockjs = name.starts_with("BENCH_SOCKJS");
        CHECK(all.seen.events.back() == std::string("closed: closed by the server") +
                                            (tcp      ? ""
                                             : sockjs ? ": SockJS 4010 credentials refused"
                                                      : ": 4010 credentials refused"));
    }
}

TEST_CASE("hundreds of TLS clients live on one loop") {
    node_world all;
    auto const to = parse_url(from_environment("BENCH_WSS"));
    std::vector<std::unique_ptr<stomp_client>> clients;
    int connected = 0;
    all.seen.connected = [&](stomp_client& self) {
        ++connected;
        self.subscribe("s", "/topic/open.b", "there");
    };
    auto const there = [&] {
        return std::count(all.seen.events.begin(), all.seen.events.end(), "receipt there");
    };
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<stomp_client>(all.loop, all.seen, all.options));
        clients.back()->connect(to, all.alice(), i % 2 == 0 ? "127.0.0.1" : "127.0.0.9");
    }
    until(all.loop, [&] { return there() == 200; });
    for (int i = 0; i < 20; ++i) clients[0]->send("/topic/open.b", std::string(5000, 'x'));
    until(all.loop, [&] { return all.seen.messages().size() == std::size_t{200} * 20; });
    CHECK(connected == 200);
}
