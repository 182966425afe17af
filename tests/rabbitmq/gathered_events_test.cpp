#include "rabbitmq/gathered_events.hpp"
#include "rabbitmq/event_codec.hpp"
#include "tests/rabbitmq/samples.hpp"

#include <doctest/doctest.h>

using namespace rabbitmq;
using tests::to_topic;

namespace {

using texts = std::vector<std::string>;

// "node: event, event"
std::string taken(gathered_events& from, gathered_events::time_point now = {}) {
    auto const batch = from.take(now);
    if (!batch) return "nothing";
    std::string text = (batch->target.empty() ? "all" : batch->target) + ":";
    auto const decoded = decode_events(batch->body);
    CHECK(!decoded.fault);
    CHECK(decoded.events.size() == batch->count);
    for (auto const& event : decoded.events) {
        text += " ";
        text += std::get<broker::topic_event>(event).message->body();
    }
    return text;
}

broker::bus_event event(std::string body) {
    return to_topic("/topic/a", std::move(body), 1);
}

gathered_events with_link(gathering_limits const& limits) {
    gathered_events gathered(limits);
    gathered.link_up();
    return gathered;
}

}  // namespace

TEST_CASE("a lone event goes at once; what comes before its confirm goes together") {
    auto gathered = with_link({});
    gathered.add("a", event("1"));
    CHECK(taken(gathered) == "a: 1");
    gathered.add("a", event("2"));
    gathered.add("a", event("3"));
    CHECK(taken(gathered) == "nothing");
    gathered.settled("a");
    CHECK(taken(gathered) == "a: 2 3");
    CHECK(gathered.empty());
    CHECK(gathered.waiting_bytes() == 0);
}

TEST_CASE("a batch that is full waits for no confirm") {
    auto gathered = with_link({.batch_count = 2});
    for (auto const* body : {"1", "2", "3", "4", "5"}) gathered.add("a", event(body));
    CHECK(taken(gathered) == "a: 1 2");
    CHECK(taken(gathered) == "a: 3 4");
    CHECK(taken(gathered) == "nothing");
    gathered.settled("a");
    CHECK(taken(gathered) == "nothing");
    gathered.settled("a");
    CHECK(taken(gathered) == "a: 5");
}

TEST_CASE("a batch keeps its octets within the bound, but for an event that is larger alone") {
    auto const size = encoded_size(event("1"));
    auto gathered = with_link({.batch_bytes = events_header_size + 2 * size});
    for (auto const* body : {"1", "2", "3"}) gathered.add("a", event(body));
    gathered.add("a", event(std::string(3 * size, 'x')));
    CHECK(taken(gathered) == "a: 1 2");
    CHECK(taken(gathered) == "a: 3");
    CHECK(taken(gathered) == "a: " + std::string(3 * size, 'x'));
}

TEST_CASE("a node is sent one batch in so much time, unless it is full") {
    gathered_events::time_point const start{std::chrono::hours(1)};
    auto gathered =
        with_link({.open_batches = 9, .pace = std::chrono::microseconds(1'000), .batch_count = 3});
    gathered.add("a", event("1"));
    CHECK(taken(gathered, start) == "a: 1");
    gathered.add("a", event("2"));
    gathered.add("a", event("3"));
    gathered.add("b", event("4"));
    CHECK(taken(gathered, start) == "b: 4");
    CHECK(taken(gathered, start + std::chrono::microseconds(999)) == "nothing");
    CHECK(gathered.next_due() == start + std::chrono::microseconds(1'000));
    CHECK(taken(gathered, gathered.next_due()) == "a: 2 3");
    for (auto const* body : {"5", "6", "7"}) gathered.add("a", event(body));
    CHECK(taken(gathered, start) == "a: 5 6 7");
    CHECK(taken(gathered, start) == "nothing");
    CHECK(gathered.next_due() == gathered_events::time_point::max());
}

TEST_CASE("nodes take turns") {
    auto gathered = with_link({.batch_count = 1});
    for (auto const* body : {"1", "2", "3"}) gathered.add("a", event(body));
    gathered.add("b", event("4"));
    gathered.add("c", event("5"));
    texts all;
    for (int i = 0; i != 5; ++i) all.push_back(taken(gathered));
    CHECK(all == texts{"a: 1", "b: 4", "c: 5", "a: 2", "a: 3"});
}

TEST_CASE("what goes to all keeps its place among what goes to single nodes") {
    auto gathered = with_link({});
    gathered.add("a", event("1"));
    gathered.add("b", event("2"));
    gathered.add_for_all(event("3"));
    gathered.add_for_all(event("4"));
    gathered.add("a", event("5"));
    gathered.add("b", event("6"));
    texts all;
    for (int i = 0; i != 3; ++i) all.push_back(taken(gathered));
    CHECK(all == texts{"a: 1", "b: 2", "all: 3 4"});
    // Their first batches are still under way.
    CHECK(taken(gathered) == "nothing");
    gathered.settled("b");
    CHECK(taken(gathered) == "b: 6");
    gathered.settled("a");
    CHECK(taken(gathered) == "a: 5");
}

TEST_CASE("a lost link forgets what was under way") {
    auto gathered = with_link({});
    gathered.add("a", event("1"));
    taken(gathered);
    gathered.add("a", event("2"));
    gathered.link_down();
    gathered.link_up();
    CHECK(taken(gathered) == "a: 2");
}

TEST_CASE("near the bound the ephemeral goes first, then what is not stored, then all") {
    auto const typing = to_topic("/topic/a", "t", 0, true);
    auto const generic = to_topic("/topic/a", "g");
    auto const stored = to_topic("/topic/a", "s", 1);
    broker::bus_event const ended = broker::access_ended_event{"/topic/a", "7"};
    auto gathered = with_link({.waiting_bytes = 8000});
    auto const admitted = [&] {
        std::string text;
        if (gathered.admits(typing, 1)) text += "t";
        if (gathered.admits(generic, 1)) text += "g";
        if (gathered.admits(stored, 1)) text += "s";
        if (gathered.admits(ended, 1)) text += "e";
        return text;
    };

    CHECK(admitted() == "tgse");
    gathered.reserve(4000);
    CHECK(admitted() == "gse");
    gathered.reserve(2000);
    CHECK(admitted() == "se");
    gathered.reserve(2000);
    CHECK(admitted() == "e");
    CHECK(!gathered.add("a", stored));
    gathered.reserve(1000);
    CHECK(admitted().empty());
    gathered.release(9000);
    CHECK(admitted() == "tgse");
    gathered.link_down();
    CHECK(admitted() == "gse");
}

TEST_CASE("a canary takes the way of the events, behind those that wait for its node") {
    auto gathered = with_link({});
    gathered.add("a", event("1"));
    CHECK(taken(gathered) == "a: 1");
    gathered.add("a", event("2"));
    CHECK(gathered.add_canary("a", 7));
    CHECK(taken(gathered) == "nothing");
    gathered.settled("a");
    auto const batch = gathered.take({});
    REQUIRE(batch);
    CHECK(batch->count == 2);
    CHECK(decode_events(batch->body).canaries == std::vector<std::uint64_t>{7});
    CHECK(gathered.waiting_bytes() == 0);
}

TEST_CASE("without a link, or above the bound, there is no canary") {
    gathered_events gathered({});
    CHECK_FALSE(gathered.add_canary("a", 1));
    auto full = with_link({.waiting_bytes = 100});
    full.reserve(99);
    CHECK_FALSE(full.add_canary("a", 1));
}
