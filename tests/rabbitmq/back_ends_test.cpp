#include "tests/rabbitmq/support.hpp"

#include "rabbitmq/event_codec.hpp"

#include <doctest/doctest.h>
#include <algorithm>

// What goes out to programs of others, what they send in, and what nobody can handle.

using namespace tests;
using rabbitmq::publication;

namespace {

publication json(std::string_view key, std::string_view body) {
    return {.exchange = "chat.exchange",
            .routing_key = key,
            .content_type = "application/json",
            .message_id = "e-1",
            .body = body};
}

}  // namespace

TEST_CASE("events for others arrive with id, type and key, and are confirmed once") {
    test_client worker;
    worker.subscribe("chat.channel.*.message");
    test_node node("a");
    REQUIRE(node.wait_until_up());
    recorded<bool> done;

    node.bus().publish({{"chat.channel.17.message", "id-1", "MESSAGE_CREATED", "{\"a\":1}"},
                        {"chat.user.7.notification", "id-2", "MESSAGE_CREATED", "{}"},
                        {"chat.channel.18.message", "id-3", "MESSAGE_CREATED", "{\"a\":2}"}},
                       [&done](bool taken) { done.add(taken); });

    REQUIRE(done.wait_for_count(1));
    CHECK(done.all() == std::vector{true});
    auto const first = worker.wait_for_delivery();
    auto const second = worker.wait_for_delivery();
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->routing_key == "chat.channel.17.message");
    CHECK(first->message_id == "id-1");
    CHECK(first->type == "MESSAGE_CREATED");
    CHECK(first->content_type == "application/json");
    CHECK(first->body == "{\"a\":1}");
    CHECK(second->message_id == "id-3");
    CHECK(node.bus().count().outside == 3);
}

TEST_CASE("no events for others are confirmed, too") {
    test_node node("a");
    REQUIRE(node.wait_until_up());
    recorded<bool> done;
    node.bus().publish(std::vector<broker::outside_event>{},
                       [&done](bool taken) { done.add(taken); });
    REQUIRE(done.wait_for_count(1));
    CHECK(done.all() == std::vector{true});
}

TEST_CASE("more for others than there is room for is refused, unless nothing else waits") {
    auto& server = rabbitmq_server::shared();
    test_node node("a", nullptr, [](rabbitmq::options& options) { options.outside_bytes = 100; });
    REQUIRE(node.wait_until_up());
    auto const publish = [&node](recorded<bool>& done) {
        node.bus().publish({{"chat.user.7.notification", "id", "T", std::string(200, 'x')}},
                           [&done](bool taken) { done.add(taken); });
    };
    server.control({"set_vm_memory_high_watermark", "0.0000001"});
    REQUIRE(node.blocked.wait_for_last(true));
    recorded<bool> alone;
    recorded<bool> second;
    publish(alone);
    publish(second);
    REQUIRE(second.wait_for_count(1));
    CHECK(second.all() == std::vector{false});
    CHECK(alone.all().empty());
    server.control({"set_vm_memory_high_watermark", "0.4"});
    REQUIRE(alone.wait_for_count(1));
    CHECK(alone.all() == std::vector{true});
}

TEST_CASE("what back ends send reaches the handler of one node, with its key") {
    recording_handler handler;
    test_node node("a", &handler);
    REQUIRE(node.wait_until_up());
    test_client back_end;

    back_end.publish(json("to.all", "ok:1"));
    back_end.publish(json("to.user", "ok:2"));
    back_end.publish(json("to.channel", "ok:3"));
    back_end.publish(json("chat.a", "ok:4"));

    REQUIRE(handler.offers().wait_for_count(4));
    auto offers = handler.offers().all();
    std::ranges::sort(offers);
    CHECK(offers == texts{"chat.a ok:4 local", "to.all ok:1", "to.channel ok:3", "to.user ok:2"});
    CHECK(node.bus().count().dead_lettered == 0);
}

TEST_CASE("a bad event of a back end is a dead letter at once, with the reason") {
    test_client dead_letters;
    dead_letters.consume("chat.dlq");
    recording_handler handler;
    test_node node("a", &handler);
    REQUIRE(node.wait_until_up());
    test_client back_end;
    auto event = json("to.channel", "bad:1");
    event.headers = {{"trace", "17"}, {"x-reason", "an old one"}};

    back_end.publish(event);

    auto const letter = dead_letters.wait_for_delivery();
    REQUIRE(letter);
    CHECK(letter->body == "bad:1");
    CHECK(letter->message_id == "e-1");
    CHECK(letter->content_type == "application/json");
    CHECK(header(*letter, "x-reason") == "no such room");
    CHECK(header(*letter, "x-origin-queue") == "chat.inbound");
    CHECK(header(*letter, "x-origin-key") == "to.channel");
    CHECK(header(*letter, "x-attempts") == "1");
    CHECK(header(*letter, "trace") == "17");
    CHECK(handler.offers().all() == texts{"to.channel bad:1"});
}

TEST_CASE("a bad event is a dead letter however large its headers and its body are") {
    test_client dead_letters;
    dead_letters.consume("chat.dlq");
    recording_handler handler;
    test_node node("a", &handler);
    REQUIRE(node.wait_until_up());
    test_client back_end;
    // Almost all of the frame that RabbitMQ takes by itself, of 128 KiB.
    auto const large = std::string(130'900, 'v');
    auto headers = json("to.all", "bad:headers");
    headers.headers = {{"trace", "17"}, {"large", large}};
    auto const long_text = "bad:" + std::string(std::size_t{65} << 20U, 'x');
    auto body = json("to.all", long_text);

    back_end.publish(headers);
    auto const first = dead_letters.wait_for_delivery();
    REQUIRE(first);
    CHECK(first->body == "bad:headers");
    CHECK(header(*first, "x-reason") == "no such room");
    CHECK(header(*first, "trace") == "17");
    CHECK(header(*first, "large") == "missing");
    CHECK(header(*first, "x-headers-left-out") == "1");

    back_end.publish(body);
    auto const second = dead_letters.wait_for_delivery();
    REQUIRE(second);
    CHECK(second->message_id == "e-1");
    CHECK(second->body.size() == 65'536);
    CHECK(second->body == long_text.substr(0, 65'536));
    CHECK(header(*second, "x-body-bytes") == std::to_string(long_text.size()));
    CHECK(node.bus().count().lost_links == 0);
}

TEST_CASE("an event for later is offered again, and does not hold up the others") {
    test_client back_end;
    {
        recording_handler handler;
        test_node node("a", &handler, [](rabbitmq::options& options) {
            options.retry_delays.fill(std::chrono::hours(1));
        });
        REQUIRE(node.wait_until_up());
        back_end.publish(json("to.user", "later2:1"));
        back_end.publish(json("to.user", "ok:2"));
        REQUIRE(handler.offers().wait_for_count(2));
        CHECK(handler.offers().all() == texts{"to.user later2:1", "to.user ok:2"});
    }
    recording_handler handler;
    test_node node("a", &handler);
    REQUIRE(handler.offers().wait_for_count(3));
    CHECK(handler.offers().all() ==
          texts{"to.user later2:1", "to.user later2:1", "to.user later2:1"});
    CHECK(node.bus().count().lost_links == 0);
    node.end();
    // It was acknowledged: the next node does not see it.
    recording_handler next;
    test_node successor("b", &next);
    REQUIRE(successor.wait_until_up());
    back_end.publish(json("to.user", "ok:3"));
    REQUIRE(next.offers().wait_for_count(1));
    CHECK(next.offers().all() == texts{"to.user ok:3"});
}

TEST_CASE("what stays for later, or throws, is a dead letter after the last repetition") {
    test_client dead_letters;
    dead_letters.consume("chat.dlq");
    recording_handler handler;
    test_node node("a", &handler);
    REQUIRE(node.wait_until_up());
    test_client back_end;
    for (auto const& [body, reason] :
         {std::pair("later:1", "the store is away"), std::pair("throw:2", "thrown")}) {
        back_end.publish(json("to.all", body));
        auto const letter = dead_letters.wait_for_delivery();
        REQUIRE(letter);
        CHECK(letter->body == body);
        CHECK(header(*letter, "x-reason") == reason);
        CHECK(header(*letter, "x-attempts") == "4");
    }
    CHECK(handler.offers().all().size() == 8);
    CHECK(node.bus().count().retried == 6);
}

TEST_CASE("a node that ends before an event's repetition leaves it to another") {
    test_client back_end;
    {
        recording_handler handler;
        test_node node("a", &handler, [](rabbitmq::options& options) {
            options.retry_delays.fill(std::chrono::hours(1));
        });
        REQUIRE(node.wait_until_up());
        back_end.publish(json("to.user", "later2:x"));
        REQUIRE(handler.offers().wait_for_count(1));
    }
    recording_handler next;
    test_node successor("b", &next);
    REQUIRE(next.offers().wait_for_count(3));
}

TEST_CASE("an event of a node that cannot be read is a dead letter, and blocks nothing") {
    test_client dead_letters;
    dead_letters.consume("chat.dlq");
    test_node node("a");
    REQUIRE(node.wait_until_up());
    test_client sender;
    std::string good;
    rabbitmq::begin_events(good);
    rabbitmq::append_event(good, to_topic("/topic/a", "good"));
    auto half_good = good + "\x01\x7f";
    struct {
        std::string_view type;
        std::string_view body;
        std::string_view reason;
    } const cases[] = {
        {rabbitmq::events_content_type, "garbage", "not a body of events"},
        {"text/plain", good, "unknown content type"},
        {"application/json", "{}", "unknown content type"},  // nobody handles it here
        {rabbitmq::events_content_type, half_good, "an event of an unknown kind"},
    };
    for (auto const& [type, body, reason] : cases) {
        sender.publish({.exchange = "chat.exchange",
                        .routing_key = "chat.a",
                        .content_type = type,
                        .app_id = "b",
                        .body = body});
        auto const letter = dead_letters.wait_for_delivery();
        REQUIRE(letter);
        CHECK(letter->body == body);
        CHECK(header(*letter, "x-reason") == reason);
        CHECK(header(*letter, "x-origin-queue") == "chat.queue.a");
        CHECK(header(*letter, "x-origin-app") == "b");
    }
    CHECK(node.sink.events().all() == texts{"/topic/a good"});
    sender.publish({.exchange = "chat.exchange",
                    .routing_key = "chat.all",
                    .content_type = rabbitmq::events_content_type,
                    .body = good});
    REQUIRE(node.sink.events().wait_for_count(2));
}

TEST_CASE("events that a node's sink does not take are offered again, then dead letters") {
    test_client dead_letters;
    dead_letters.consume("chat.dlq");
    test_node a("a");
    test_node b("b");
    REQUIRE(a.wait_until_up());
    REQUIRE(b.wait_until_up());
    a.registry.set("/topic/room", {"b"});

    b.sink.fail(2);
    a.bus().publish({to_topic("/topic/room", "1")});
    REQUIRE(b.sink.events().wait_for_count(1));
    CHECK(b.bus().count().retried == 2);

    b.sink.fail(4);
    a.bus().publish({to_topic("/topic/room", "2")});
    auto const letter = dead_letters.wait_for_delivery();
    REQUIRE(letter);
    CHECK(header(*letter, "x-reason") == "the sink is full");
    CHECK(header(*letter, "x-origin-app") == "a");
    CHECK(b.sink.events().all() == texts{"/topic/room 1"});
}
