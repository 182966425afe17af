#include "tests/rabbitmq/support.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

// What holds while RabbitMQ is away, blocked or silent, and when it comes back.

using namespace tests;
using namespace std::chrono_literals;

namespace {

// Takes connections and never says anything.
class silent_listener {
public:
    silent_listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(bind(socket_, generic, size) == 0);
        REQUIRE(listen(socket_, 16) == 0);
        REQUIRE(getsockname(socket_, generic, &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    ~silent_listener() { close(socket_); }
    silent_listener(silent_listener const&) = delete;
    silent_listener& operator=(silent_listener const&) = delete;

    std::string url() const { return "amqp://guest:guest@127.0.0.1:" + std::to_string(port_); }

private:
    int socket_;
    int port_ = 0;
};

}  // namespace

TEST_CASE("nodes come back after RabbitMQ crashed, and publishes under way have failed") {
    auto& server = rabbitmq_server::shared();
    recording_handler handler;
    test_node a("a");
    test_node b("b", &handler);
    REQUIRE(a.wait_until_up());
    REQUIRE(b.wait_until_up());
    a.registry.set("/topic/room", {"b"});

    // Persistent events are being published all the time.
    std::atomic<int> asked{0};
    std::atomic<bool> enough{false};
    recorded<bool> answers;
    std::thread relay([&] {
        while (!enough) {
            auto const answered = answers.all().size();
            ++asked;
            a.bus().publish({{"chat.user.7.notification", "id", "T", "{}"}},
                            [&answers](bool taken) { answers.add(taken); });
            answers.wait_for_count(answered + 1);
            if (!answers.all().back()) std::this_thread::sleep_for(5ms);
        }
    });
    REQUIRE(answers.wait([](auto const& all) { return !all.empty() && all.back(); }));

    server.stop(rabbitmq_server::how::crash);
    REQUIRE(a.links.wait_for_last({false, false}));
    REQUIRE(b.links.wait_for_last({false, false}));
    REQUIRE(answers.wait([](auto const& all) { return !all.back(); }));
    // At home nothing changes; what is not ephemeral waits for the others.
    a.bus().publish({to_topic("/topic/room", "typing", 0, true), to_topic("/topic/room", "kept")});
    CHECK(a.sink.events().all() == texts{"/topic/room typing", "/topic/room kept"});

    server.start();
    REQUIRE(a.wait_until_up());
    REQUIRE(b.wait_until_up());
    REQUIRE(answers.wait([](auto const& all) { return all.back(); }));
    a.bus().publish({to_topic("/topic/room", "after")});
    REQUIRE(b.sink.events().wait(
        [](texts const& all) { return !all.empty() && all.back() == "/topic/room after"; }));
    enough = true;
    relay.join();
    CHECK(answers.all().size() == static_cast<std::size_t>(asked.load()));
    auto const count = a.bus().count();
    CHECK(count.dropped == 1);
    CHECK(count.lost_links == 2);
    CHECK(count.connects == 4);
}

TEST_CASE("what was deleted in RabbitMQ is declared again when a canary has not come back") {
    auto& server = rabbitmq_server::shared();
    auto const hears_again = [](test_node& node, std::uint64_t& number) {
        auto const deadline = std::chrono::steady_clock::now() + patience;
        auto const before = node.canaries.all().size();
        while (node.canaries.all().size() == before) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            node.bus().send_canary(++number);
            std::this_thread::sleep_for(10ms);
        }
        return true;
    };
    recording_handler handler;
    test_node a("a", &handler);
    REQUIRE(a.wait_until_up());
    test_client back_end;
    std::uint64_t number = 0;
    REQUIRE(hears_again(a, number));

    SUBCASE("the binding of the node's queue") {
        server.control({"eval",
                        "rabbit_binding:remove({binding, rabbit_misc:r(<<\"/\">>, exchange,"
                        " <<\"chat.exchange\">>), <<\"chat.a\">>, rabbit_misc:r(<<\"/\">>, queue,"
                        " <<\"chat.queue.a\">>), []}, <<\"test\">>)."});
        CHECK(hears_again(a, number));
        CHECK(a.bus().count().lost_links == 0);
    }
    SUBCASE("the exchange") {
        server.control({"eval",
                        "rabbit_exchange:delete(rabbit_misc:r(<<\"/\">>, exchange,"
                        " <<\"chat.exchange\">>), false, <<\"test\">>)."});
        CHECK(hears_again(a, number));
    }
    back_end.publish({.exchange = "chat.exchange",
                      .routing_key = "to.all",
                      .content_type = "application/json",
                      .body = "ok:1"});
    CHECK(handler.offers().wait_for_count(1));
}

TEST_CASE("what all nodes share in RabbitMQ is there again soon after it was deleted") {
    auto& server = rabbitmq_server::shared();
    recording_handler handler;
    test_node a("a", &handler, [](rabbitmq::options& all) { all.declare_every = 50ms; });
    REQUIRE(a.wait_until_up());
    test_client back_end;
    auto const deadline = std::chrono::steady_clock::now() + patience;
    auto const in_time = [&] { return std::chrono::steady_clock::now() < deadline; };

    SUBCASE("a binding of the queue of back ends") {
        server.control({"eval",
                        "rabbit_binding:remove({binding, rabbit_misc:r(<<\"/\">>, exchange,"
                        " <<\"chat.exchange\">>), <<\"to.user\">>, rabbit_misc:r(<<\"/\">>, queue,"
                        " <<\"chat.inbound\">>), []}, <<\"test\">>)."});
        while (handler.offers().all().empty() && in_time()) {
            back_end.publish({.exchange = "chat.exchange",
                              .routing_key = "to.user",
                              .content_type = "application/json",
                              .body = "ok:1"});
            std::this_thread::sleep_for(10ms);
        }
        CHECK_FALSE(handler.offers().all().empty());
    }
    SUBCASE("the queue of dead letters") {
        auto const is_there = [&] {
            return server.control({"-q", "list_queues", "name"}).find("chat.dlq") !=
                   std::string::npos;
        };
        server.control({"delete_queue", "chat.dlq"});
        while (!is_there() && in_time()) {
        }
        CHECK(is_there());
    }
    CHECK(a.bus().count().lost_links == 0);
}

TEST_CASE("what was confirmed is there after a restart") {
    auto& server = rabbitmq_server::shared();
    test_node sender("a");
    REQUIRE(sender.wait_until_up());
    recorded<bool> done;
    sender.bus().publish({{"to.user", "id-1", "T", "ok:kept"}},
                         [&done](bool taken) { done.add(taken); });
    REQUIRE(done.wait_for_last(true));

    server.stop(rabbitmq_server::how::crash);
    server.start();

    recording_handler handler;
    test_node receiver("b", &handler);
    REQUIRE(handler.offers().wait_for_last("to.user ok:kept"));
}

TEST_CASE("while RabbitMQ blocks publishers nothing is published, and the node goes on") {
    auto& server = rabbitmq_server::shared();
    test_node a("a");
    test_node b("b");
    REQUIRE(a.wait_until_up());
    REQUIRE(b.wait_until_up());
    a.registry.set("/topic/room", {"b"});

    server.control({"set_vm_memory_high_watermark", "0.0000001"});
    // A connection is told when it publishes; it may get one event through.
    a.bus().publish({to_topic("/topic/room", "first")});
    REQUIRE(a.blocked.wait_for_last(true));
    auto const published = a.bus().count().published;
    for (int i = 0; i != 1000; ++i) a.bus().publish({to_topic("/topic/room", std::to_string(i))});
    recorded<bool> done;
    a.bus().publish({{"chat.user.7.notification", "id", "T", "{}"}},
                    [&done](bool taken) { done.add(taken); });
    CHECK(a.sink.events().all().size() == 1001);
    CHECK(a.links.all().back() == link_state{true, true});
    CHECK(a.bus().count().published == published);
    CHECK(done.all().empty());

    server.control({"set_vm_memory_high_watermark", "0.4"});
    REQUIRE(a.blocked.wait_for_last(false));
    REQUIRE(b.sink.events().wait_for_last("/topic/room 999"));
    REQUIRE(done.wait_for_last(true));
    CHECK(b.sink.events().all().size() == 1001);
    CHECK(a.bus().count().dropped == 0);
    CHECK(a.bus().count().lost_links == 0);
}

TEST_CASE("a node that publishes nothing learns of the block, too, and of its end") {
    auto& server = rabbitmq_server::shared();
    test_node a("a");
    REQUIRE(a.wait_until_up());
    server.control({"set_vm_memory_high_watermark", "0.0000001"});
    REQUIRE(a.blocked.wait_for_last(true));
    server.control({"set_vm_memory_high_watermark", "0.4"});
    REQUIRE(a.blocked.wait_for_last(false));
    CHECK(a.bus().count().published == 0);
    CHECK(a.bus().count().lost_links == 0);
}

TEST_CASE("a RabbitMQ that does not keep up is told as a backlog, until it has caught up") {
    auto& server = rabbitmq_server::shared();
    test_node a("a", nullptr,
                [](rabbitmq::options& options) { options.backlog_bytes = 4'000'000; });
    REQUIRE(a.wait_until_up());
    server.freeze();
    // The socket takes some of it.
    for (int i = 0; i != 30; ++i) {
        a.bus().publish({broker::everybody_event{
            "/queue/n", message_to("/queue/n", std::string(1'000'000, 'x'))}});
    }
    CHECK(a.backlog.wait_for_last(true));
    server.thaw();
    CHECK(a.backlog.wait_for_last(false));
    CHECK(a.bus().count().lost_links == 0);
    CHECK(a.bus().count().dropped == 0);
}

TEST_CASE("a RabbitMQ that is silent is given up after two heart-beats") {
    auto& server = rabbitmq_server::shared();
    test_node a("a", nullptr, [](rabbitmq::options& options) { options.heart_beat = 1s; });
    REQUIRE(a.wait_until_up());
    server.freeze();
    // More than the socket takes: the thread may be in the middle of a write.
    for (int i = 0; i != 20; ++i) {
        a.bus().publish({broker::everybody_event{
            "/queue/n", message_to("/queue/n", std::string(1'000'000, 'x'))}});
    }
    CHECK(a.links.wait_for_last({false, false}));
    server.thaw();
    CHECK(a.wait_until_up());
}

TEST_CASE(
    "a node without RabbitMQ delivers at home, refuses what is for others, and ends at once") {
    auto const began = std::chrono::steady_clock::now();
    silent_listener silent;
    recorded<bool> done;
    {
        test_node a("a", nullptr, [&silent](rabbitmq::options& options) {
            options.urls = {silent.url(), "amqp://guest:guest@127.0.0.1:1"};
            options.connect_timeout = 300ms;
        });
        a.bus().publish({to_topic("/topic/a", "1")});
        CHECK(a.sink.events().all() == texts{"/topic/a 1"});
        a.bus().publish({{"chat.user.7.notification", "id", "T", "{}"}},
                        [&done](bool taken) { done.add(taken); });
        REQUIRE(done.wait_for_count(1));
        REQUIRE(a.log.wait_for_count(2));
        CHECK(a.links.all().empty());
    }
    CHECK(done.all() == std::vector{false});
    CHECK(std::chrono::steady_clock::now() - began < 10s);
}

TEST_CASE("the bound holds while RabbitMQ is away, and what was dropped is counted and told") {
    test_node a("a", nullptr, [](rabbitmq::options& options) {
        options.urls = {"amqp://guest:guest@127.0.0.1:1"};
        options.waiting_bytes = 100'000;
    });
    for (int i = 0; i != 100; ++i) {
        a.bus().publish({broker::everybody_event{
            "/queue/n", message_to("/queue/n", std::string(10'000, 'x'))}});
    }
    CHECK(a.sink.events().all().size() == 100);
    CHECK(a.bus().count().dropped > 90);
    CHECK(a.log.wait([](texts const& all) {
        return std::ranges::any_of(
            all, [](std::string const& line) { return line.starts_with("events_dropped"); });
    }));
}
