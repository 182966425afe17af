#include "bench/mock/mock_server.hpp"

#include "client_support.hpp"

#include <string>
#include <vector>

using namespace bench;
using namespace bench::test;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

struct world {
    explicit world(faults const& wrong = {}) : server(loop, 0, wrong) {}

    endpoint to(std::string const& scheme = "ws") const {
        std::string const path = scheme == "stomp" ? "" : "/ws";
        return parse_url(scheme + "://127.0.0.1:" + std::to_string(server.port()) + path);
    }
    // One client subscribes and sends "1" ... "<count>"; waits for the last receipt.
    void send_numbers(int count, std::string const& scheme = "ws") {
        seen.connected = [&](stomp_client& self) {
            self.subscribe("s", "/topic/a");
            for (int i = 1; i <= count; ++i) self.send("/topic/a", std::to_string(i));
            self.send("/topic/b", "", "end");
        };
        client.connect(to(scheme), {});
        until(loop, [&] { return seen.saw("receipt end"); });
    }

    client_loop loop;
    mock_server server;
    client_options options;
    recorder seen;
    stomp_client client{loop, seen, options};
};

}  // namespace

TEST_CASE("messages arrive in order and whole over each framing") {
    for (std::string const scheme : {"ws", "sockjs", "stomp"}) {
        CAPTURE(scheme);
        world all;
        all.send_numbers(5, scheme);
        CHECK(all.seen.events == texts{"connected", "message 1", "message 2", "message 3",
                                       "message 4", "message 5", "receipt end"});
        CHECK(all.client.connected());
        CHECK(all.client.unsent() == 0);
        CHECK(all.client.bytes_received() > 100);
        CHECK(all.server.done().delivered == 5);
        CHECK(all.server.done().sends == 6);
    }
}

TEST_CASE("any octet may be in a body, and a body may be large") {
    std::string body;
    for (int i = 0; i < 300'000; ++i) body.push_back(static_cast<char>(i % 251 * 7));
    for (std::string const scheme : {"ws", "sockjs", "stomp"}) {
        CAPTURE(scheme);
        world all;
        all.seen.connected = [&](stomp_client& client) {
            client.subscribe("s", "/topic/a:b");
            client.send("/topic/a:b", body, "end", "content-type:text/plain\n");
        };
        all.client.connect(all.to(scheme), {});
        until(all.loop, [&] { return all.seen.saw("receipt end"); });
        REQUIRE(all.seen.messages().size() == 1);
        CHECK(all.seen.messages()[0] == body);
    }
}

TEST_CASE("the mock loses, doubles and swaps as it says") {
    SUBCASE("loss") {
        world all({.lose_every = 3});
        all.send_numbers(7);
        CHECK(all.seen.messages() == texts{"1", "2", "4", "5", "7"});
        CHECK(all.server.done().lost == 2);
        CHECK(all.server.done().delivered == 5);
    }
    SUBCASE("doubles") {
        world all({.duplicate_every = 3});
        all.send_numbers(6);
        CHECK(all.seen.messages() == texts{"1", "2", "3", "3", "4", "5", "6", "6"});
        CHECK(all.server.done().duplicated == 2);
        CHECK(all.server.done().delivered == 6);
    }
    SUBCASE("order") {
        world all({.swap_every = 2});
        all.send_numbers(6);
        // A last one that nothing overtakes comes nevertheless, after a while.
        until(all.loop, [&] { return all.seen.messages().size() == 6; });
        CHECK(all.seen.events == texts{"connected", "message 1", "message 3", "message 2",
                                       "message 5", "message 4", "receipt end", "message 6"});
        CHECK(all.server.done().swapped == 2);
        CHECK(all.server.done().delivered == 6);
    }
}

TEST_CASE("the mock delays all messages or some, and keeps the others' order") {
    auto const began = bench_clock::now();
    SUBCASE("all") {
        world all({.delay = 500ms});
        all.send_numbers(3);
        until(all.loop, [&] { return all.seen.messages().size() == 3; });
        CHECK(bench_clock::now() - began >= 500ms);
        CHECK(all.seen.events ==
              texts{"connected", "receipt end", "message 1", "message 2", "message 3"});
        CHECK(all.server.done().delayed == 3);
    }
    SUBCASE("some") {
        world all({.delay_every = 2, .delay = 500ms});
        all.send_numbers(3);
        until(all.loop, [&] { return all.seen.messages().size() == 3; });
        CHECK(bench_clock::now() - began >= 500ms);
        CHECK(all.seen.events ==
              texts{"connected", "message 1", "message 3", "receipt end", "message 2"});
        CHECK(all.server.done().delayed == 1);
    }
}

TEST_CASE("the mock withholds receipts, answers with ERROR, refuses and cuts") {
    SUBCASE("receipts") {
        world all({.no_receipt_every = 2});
        all.seen.connected = [](stomp_client& client) {
            for (std::string const id : {"1", "2", "3"}) client.send("/topic/a", "x", id);
        };
        all.client.connect(all.to(), {});
        until(all.loop, [&] { return all.seen.saw("receipt 3"); });
        CHECK_FALSE(all.seen.saw("receipt 2"));
        CHECK(all.server.done().receipts_withheld == 1);
    }
    for (std::string const scheme : {"ws", "sockjs", "stomp"}) {
        CAPTURE(scheme);
        std::string const closed = scheme == "stomp" ? "closed: closed by the server"
                                                     : "closed: closed by the server: 1002 ";
        {
            world all({.error_every = 1});
            all.seen.connected = [](stomp_client& client) { client.send("/topic/a", "x"); };
            all.client.connect(all.to(scheme), {});
            until(all.loop, [&] { return all.seen.events.size() == 3; });
            CHECK(all.seen.events ==
                  texts{"connected", "error an error on purpose",
                        closed + (scheme == "stomp" ? "" : "an error on purpose")});
            CHECK_FALSE(all.client.connected());
        }
        {
            world all({.refuse_every = 1});
            all.client.connect(all.to(scheme), {});
            until(all.loop, [&] { return all.seen.events.size() == 2; });
            CHECK(all.seen.events ==
                  texts{"error refused on purpose",
                        closed + (scheme == "stomp" ? "" : "refused on purpose")});
            CHECK(all.server.done().refused == 1);
        }
        {
            world all({.drop_every = 3});
            all.seen.connected = [](stomp_client& client) {
                client.subscribe("s", "/topic/a");
                for (std::string const text : {"1", "2", "3", "4"}) client.send("/topic/a", text);
            };
            all.client.connect(all.to(scheme), {});
            until(all.loop, [&] { return all.seen.saw("closed: closed by the server"); });
            CHECK(all.seen.messages() == texts{"1", "2"});
            CHECK(all.server.done().dropped_connections == 1);
        }
    }
}

TEST_CASE("what the mock did is one line of JSON") {
    deeds done;
    done.lost = 3;
    auto const text = to_json(done);
    CHECK(text.starts_with("{\"connections\": 0, "));
    CHECK(text.find("\"lost\": 3,") != std::string::npos);
    CHECK(text.ends_with("}"));
}

TEST_CASE("as Spring's simple broker it gives a RECEIPT for DISCONNECT alone") {
    world all({.spring = true});
    all.seen.connected = [](stomp_client& self) {
        self.subscribe("s", "/topic/a", "subscribed");
        self.send("/topic/a", "1", "sent");
        self.unsubscribe("s", "left");
        self.disconnect("bye");
    };
    all.client.connect(all.to(), {});
    until(all.loop, [&] { return all.seen.saw("receipt bye"); });
    CHECK(all.seen.events == texts{"connected", "message 1", "receipt bye"});
    CHECK(all.client.connected());
    // It takes offence at who asks for none.
    all.client.disconnect("");
    until(all.loop, [&] { return all.seen.events.back().starts_with("closed"); });
    CHECK(all.seen.saw("error Session closed."));
}

TEST_CASE("as Spring's simple broker it has users, whom CONNECTED names, and their queues") {
    world all({.spring = true});
    all.seen.connected = [](stomp_client& self) {
        self.subscribe("s", "/user/queue/a");
        self.send("/user/somebody/queue/a", "for another one");
        self.send("/user/me/queue/b", "for another queue");
        self.send("/user/me/queue/a", "for me");
        self.disconnect("bye");
    };
    credentials me;
    me.login = "me";
    all.client.connect(all.to("sockjs"), me);
    until(all.loop, [&] { return all.seen.saw("receipt bye"); });
    CHECK(all.seen.welcome.find("\nuser-name:me\n") != std::string::npos);
    CHECK(all.seen.welcome.find("\nheart-beat:10000,10000\n") != std::string::npos);
    CHECK(all.seen.messages() == texts{"for me"});
}
