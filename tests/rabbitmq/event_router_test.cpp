#include "rabbitmq/event_router.hpp"
#include "rabbitmq/event_codec.hpp"
#include "rabbitmq/topology.hpp"
#include "tests/rabbitmq/fake_registry.hpp"
#include "tests/rabbitmq/samples.hpp"

#include <doctest/doctest.h>
#include <stdexcept>

using namespace rabbitmq;
using tests::to_topic;
using tests::to_user;

namespace {

using texts = std::vector<std::string>;

struct fixture {
    explicit fixture(gathering_limits const& limits = {.open_batches = 100})
        : router(
              std::make_shared<event_router>("me", registry, limits, std::make_shared<wake_up>())) {
        router->link_up();
    }

    // "node: event, event" for each batch.
    texts taken() {
        texts all;
        while (auto const batch = router->take({})) {
            std::string text = (batch->target.empty() ? "all" : batch->target) + ":";
            for (auto const& event : tests::shown(decode_events(batch->body).events)) {
                text += " [" + event + "]";
            }
            all.push_back(text);
        }
        return all;
    }

    tests::fake_registry registry;
    std::shared_ptr<event_router> router;
};

}  // namespace

TEST_CASE("an event goes to the other nodes that need it, and to nobody else") {
    fixture f;
    f.registry.set("/topic/a", {"n1", "n2", "me"});
    f.registry.set("ada", {"n2"});

    f.router->publish({to_topic("/topic/a", "1"), to_user("ada", "2"), to_topic("/topic/b", "3")});

    CHECK(f.taken() == texts{"n1: [/topic/a 1]", "n2: [/topic/a 1] [user ada /queue/messages 2]"});
    CHECK(f.router->idle());
}

TEST_CASE("what is published together is asked for once, and each thing once") {
    fixture f;
    f.registry.set("/topic/a", {"n1"});
    f.router->publish({to_topic("/topic/a", "1"), to_topic("/topic/a", "2")});
    CHECK(f.registry.lookups() == 1);
    CHECK(f.taken() == texts{"n1: [/topic/a 1] [/topic/a 2]"});
}

TEST_CASE("the end of an access and events for everybody go to all, without a question") {
    fixture f;
    f.router->publish({broker::access_ended_event{"/topic/a", "7"},
                       broker::everybody_event{"/queue/n", tests::message_to("/queue/n", "x")}});
    CHECK(f.registry.lookups() == 0);
    CHECK(f.taken() == texts{"all: [ended /topic/a 7] [everybody /queue/n x]"});
}

TEST_CASE("without an answer of the registry events go to all") {
    fixture f;
    f.registry.set_away(true);
    f.router->publish({to_topic("/topic/a", "1"), to_user("ada", "2")});
    CHECK(f.taken() == texts{"all: [/topic/a 1] [user ada /queue/messages 2]"});
}

TEST_CASE("events keep the order of publishing when answers come in another") {
    fixture f;
    f.registry.hold();
    f.registry.set("/topic/a", {"n1"});
    f.router->publish({to_topic("/topic/a", "1")});
    f.registry.set_away(true);
    f.router->publish({to_topic("/topic/a", "2")});
    f.router->publish({broker::access_ended_event{"/topic/a", "7"}});
    f.registry.release_last();
    CHECK(f.taken().empty());
    CHECK(!f.router->idle());
    f.registry.release_last();
    CHECK(f.taken() == texts{"n1: [/topic/a 1]", "all: [/topic/a 2] [ended /topic/a 7]"});
    CHECK(f.router->idle());
}

TEST_CASE("what does not fit is counted, also while its answer is awaited") {
    auto const event = to_topic("/topic/a", "1", 1);
    fixture f({.waiting_bytes = 2 * encoded_size(event)});
    f.registry.hold();
    f.registry.set("/topic/a", {"n1"});
    for (int i = 0; i != 3; ++i) f.router->publish({event});
    CHECK(f.router->dropped() == 1);
    f.registry.release_last();
    f.registry.release_last();
    CHECK(f.taken() == texts{"n1: [/topic/a 1] [/topic/a 1]"});
}

TEST_CASE("an answer that comes after the end is not heard") {
    tests::fake_registry registry;
    registry.hold();
    {
        auto const router = std::make_shared<event_router>("me", registry, gathering_limits{},
                                                           std::make_shared<wake_up>());
        router->publish({to_topic("/topic/a", "1")});
    }
    registry.release_last();
}

TEST_CASE("a node's id must not share the keys of others") {
    for (auto const* id : {"node-1", "a.b_c", "ALL"}) CHECK_NOTHROW(check_node_id(id));
    for (auto const* id : {"", "all", "a b", "#", "*", "channel.1.message", "user.7"}) {
        CHECK_THROWS_AS(check_node_id(id), std::invalid_argument);
    }
    CHECK_THROWS_AS(check_node_id(std::string(201, 'x')), std::invalid_argument);
}

TEST_CASE("an address says where, as whom, and whether with TLS") {
    auto const address = parse_address("amqps://ada:p%40ss@host:5671/v", "other");
    CHECK(address.host == "host");
    CHECK(address.port == 5671);
    CHECK(address.user == "ada");
    CHECK(address.password == "p@ss");
    CHECK(address.vhost == "v");
    CHECK(address.tls);
    CHECK(parse_address("amqp://ada@host", "other").password == "other");
    CHECK(parse_address("amqp://host/", "").vhost == "/");
    CHECK(parse_address("amqp://host/", "").shown() == "host:5672");
    CHECK_THROWS_AS(parse_address("http://host", ""), std::invalid_argument);
}

TEST_CASE("a backlog is told when it is over its bound, and when less than half of it is left") {
    tests::fake_registry registry;
    registry.set("/topic/a", {"n1"});
    std::vector<bool> told;
    auto const size = encoded_size(to_topic("/topic/a", "x"));
    auto const router = std::make_shared<event_router>(
        "me", registry, gathering_limits{.open_batches = 100, .batch_count = 1},
        std::make_shared<wake_up>(),
        backlog_watch{.bytes = 4 * size, .tell = [&told](bool over) { told.push_back(over); }});
    auto const publish = [&] { router->publish({to_topic("/topic/a", "x")}); };

    // Without a link nothing would make it smaller: nobody is told.
    for (int i = 0; i != 6; ++i) publish();
    CHECK(told.empty());
    router->link_up();
    CHECK(told == std::vector{true});
    for (int left = 5; left != 2; --left) router->take({});
    CHECK(told == std::vector{true});
    router->take({});
    CHECK(told == std::vector{true, false});
    publish();
    publish();
    CHECK(told.size() == 2);  // at the bound, not over it
    publish();
    CHECK(told == std::vector{true, false, true});
    router->link_down();
    CHECK(told == std::vector{true, false, true, false});
}
