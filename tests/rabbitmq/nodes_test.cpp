#include "tests/rabbitmq/support.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

// What nodes bring to each other.

using namespace tests;

namespace {

// True if what thread `t` published came in order, for all threads together `count` events.
bool complete(texts const& seen, std::size_t threads, std::size_t each) {
    std::vector<std::size_t> next(threads);
    for (auto const& event : seen) {
        auto const blank = event.rfind(' ');
        auto const dot = event.find('.', blank);
        auto const t = std::stoul(event.substr(blank + 1, dot - blank - 1));
        if (std::stoul(event.substr(dot + 1)) != next.at(t)++) return false;
    }
    for (auto const count : next) {
        if (count != each) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("an event reaches the nodes that need it, in order for each publishing thread") {
    constexpr std::size_t each = 2000;
    test_node a("a");
    test_node b("b");
    REQUIRE(a.wait_until_up());
    REQUIRE(b.wait_until_up());
    a.registry.set("/topic/room", {"b"});
    a.registry.set("ada", {"b"});

    a.bus().publish({to_topic("/topic/elsewhere", "x")});
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t != 3; ++t) {
        threads.emplace_back([&a, t] {
            for (std::size_t i = 0; i != each; ++i) {
                auto body = std::to_string(t) + "." + std::to_string(i);
                a.bus().publish({i % 10 == 0 ? to_user("ada", std::move(body))
                                             : to_topic("/topic/room", std::move(body), i)});
            }
        });
    }
    for (auto& thread : threads) thread.join();

    REQUIRE(b.sink.events().wait_for_count(3 * each));
    CHECK(complete(b.sink.events().all(), 3, each));
    CHECK(a.sink.events().all().size() == 3 * each + 1);
    a.end();
    b.bus().stop_consuming();  // counted is what has been taken
    auto const count = b.bus().count();
    CHECK(count.received_events == 3 * each);
    CHECK(count.received < 3 * each);
}

TEST_CASE("the order holds while the registry comes and goes, and nobody gets anything twice") {
    constexpr std::size_t each = 3000;
    test_node a("a");
    test_node b("b");
    REQUIRE(a.wait_until_up());
    REQUIRE(b.wait_until_up());
    a.registry.set("/topic/room", {"b"});

    for (std::size_t i = 0; i != each; ++i) {
        if (i % 70 == 0) a.registry.set_away(i % 140 == 0);
        a.bus().publish({to_topic("/topic/room", "0." + std::to_string(i), i)});
    }

    REQUIRE(b.sink.events().wait_for_count(each));
    CHECK(complete(b.sink.events().all(), 1, each));
    // What went to all came back to a as well, and was not taken for another node's.
    a.bus().publish({broker::access_ended_event{"/topic/room", "7"}});
    REQUIRE(b.sink.events().wait_for_count(each + 1));
    CHECK(a.sink.events().all().size() == each + 1);
    CHECK(a.bus().count().received_events == 0);
}

TEST_CASE("both nodes of a pair hear each other, with escapes, binary and large bodies") {
    test_node a("a");
    test_node b("b");
    REQUIRE(a.wait_until_up());
    REQUIRE(b.wait_until_up());
    a.registry.set_away(true);
    b.registry.set_away(true);
    texts const bodies = {"plain", std::string("\xff\0\x01", 3), std::string(3'000'000, 'x')};

    for (auto const& body : bodies) a.bus().publish({to_topic("/topic/a:b", body)});
    REQUIRE(b.sink.events().wait_for_count(3));
    b.bus().publish({to_user("ada\n", "back")});
    REQUIRE(a.sink.events().wait_for_count(4));

    for (std::size_t i = 0; i != 3; ++i) {
        CHECK(b.sink.events().all()[i] == "/topic/a:b " + bodies[i]);
    }
    CHECK(a.sink.events().all().back() == "user ada\n /queue/messages back");
}

TEST_CASE("a node that begins with a dead address finds the living one") {
    test_node a("a", nullptr, [](rabbitmq::options& options) {
        options.urls.insert(options.urls.begin(), "amqp://guest:guest@127.0.0.1:1");
    });
    CHECK(a.wait_until_up());
}

TEST_CASE("a second node of the same id gets no queue until the first is gone") {
    test_node first("a");
    REQUIRE(first.wait_until_up());
    test_node second("a");
    REQUIRE(second.log.wait([](texts const& all) {
        return std::ranges::any_of(all, [](std::string const& line) {
            return line.find("RESOURCE_LOCKED") != std::string::npos;
        });
    }));
    first.end();
    CHECK(second.wait_until_up());
}

TEST_CASE("the end publishes what waits") {
    test_node b("b");
    REQUIRE(b.wait_until_up());
    {
        test_node a("a");
        REQUIRE(a.wait_until_up());
        a.registry.set("/topic/room", {"b"});
        for (std::size_t i = 0; i != 1000; ++i) {
            a.bus().publish({to_topic("/topic/room", "0." + std::to_string(i))});
        }
    }
    REQUIRE(b.sink.events().wait_for_count(1000));
    CHECK(complete(b.sink.events().all(), 1, 1000));
}
