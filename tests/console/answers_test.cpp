#include "node/console/answers.hpp"

#include <doctest/doctest.h>
#include <limits>

// What the console answers, and how the answers of several shards are brought together.

using namespace node;
using namespace node::console;
using namespace std::chrono_literals;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

broker::session_report session(std::string id, std::int64_t since, std::uint64_t queued = 0) {
    broker::session_report one;
    one.session = std::move(id);
    one.since = std::chrono::sys_seconds(std::chrono::seconds(since));
    one.queued_bytes = queued;
    return one;
}

std::vector<std::string> ids(broker::session_listing const& of) {
    std::vector<std::string> out;
    for (auto const& each : of.sessions) out.push_back(each.session);
    return out;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a quantile lies within its bucket") {
    std::vector<metrics_page::bucket> const buckets{{1, 0}, {2, 10}, {4, 10}, {infinity, 10}};
    CHECK(quantile(buckets, 0.5) == doctest::Approx(1.5));
    CHECK(quantile(buckets, 0.99) == doctest::Approx(1.99));
    CHECK(quantile({{1, 5}, {2, 5}, {4, 10}, {infinity, 10}}, 0.99) == doctest::Approx(3.96));
}

TEST_CASE("beyond the last bound a quantile is that bound, and of nothing it is zero") {
    CHECK(quantile({{1, 0}, {2, 0}, {infinity, 3}}, 0.5) == 2);
    CHECK(quantile({{1, 0}, {infinity, 0}}, 0.5) == 0);
    CHECK(quantile({}, 0.99) == 0);
}

TEST_CASE("the nodes are listed by id, this one among them") {
    CHECK(nodes_json({"b", "10.0.0.2:9080"}, {{"c", "10.0.0.3:9080"}, {"a", "10.0.0.1:9080"}}) ==
          R"({"self":"b","nodes":[{"id":"a","address":"10.0.0.1:9080"},)"
          R"({"id":"b","address":"10.0.0.2:9080"},{"id":"c","address":"10.0.0.3:9080"}]})");
}

TEST_CASE("an overview has what was counted and what is not counted here") {
    metrics_page figures;
    figures.add(metric::process_start, 1'700'000'000.5);
    figures.add(metric::process_cpu, 1.25);
    figures.add(metric::process_resident, 123456789);
    figures.add(metric::connections_opened, 7, {"websocket"});
    figures.add(metric::connections_opened, 2, {"tcp"});
    figures.add(metric::connections_closed, 3, {"slow_consumer"});
    figures.add(metric::connections_closed, 4, {"kicked"});
    figures.add(metric::frames_received, 5, {"SEND"});
    figures.add(metric::frames_sent, 6, {"MESSAGE"});
    figures.add(metric::deliveries, 10, {"topic"});
    figures.add(metric::deliveries, 20, {"room"});
    figures.add(metric::auth_refused, 1, {"token_invalid"});
    figures.add(metric::auth_refused, 1, {"banned"});
    figures.add(metric::room_repaired, 8, {"gap"});
    figures.add(metric::outbox_waiting, 9);
    health::monitor::summary state;
    state.ready = true;
    state.links.push_back({"redis", {}, false});
    state.links.push_back(
        {"store", {.state = health::link_state::well, .last_error = "old"}, true});
    state.links.push_back(
        {"rabbitmq", {.state = health::link_state::ill, .last_error = "no route"}, false});
    std::chrono::system_clock::time_point const now(1'700'000'010'700ms);
    CHECK(
        overview_json({"n", "1.0.0", now}, state, figures) ==
        R"({"id":"n","version":"1.0.0","startedAt":"2023-11-14T22:13:20.500Z","uptimeSeconds":10,)"
        R"("ready":true,"draining":false,"links":[)"
        R"({"name":"redis","up":false,"why":"not tried yet"},)"
        R"({"name":"store","up":true,"why":""},)"
        R"({"name":"rabbitmq","up":false,"why":"no route"}],)"
        R"("counters":{"connectionsOpened":{"websocket":7,"tcp":2},"frames":{"SEND":5,"MESSAGE":6},)"
        R"("deliveries":30,"closes":{"slow_consumer":3,"kicked":4},"limited":{},"authFailures":2,)"
        R"("slowConsumers":3,"repairs":8,"cpuSeconds":1.250},)"
        R"("gauges":{"connections":{},"sessions":0,"subscriptions":0,"queuedBytes":0,)"
        R"("outboxRows":9,"residentBytes":123456789,"latencies":{)"
        R"("delivery":{"p50Ms":0.000,"p99Ms":0.000,"count":0,"buckets":[]},)"
        R"("commit":{"p50Ms":0.000,"p99Ms":0.000,"count":0,"buckets":[]},)"
        R"("registry":{"p50Ms":0.000,"p99Ms":0.000,"count":0,"buckets":[]}}}})");
}

TEST_CASE("a latency is told in milliseconds") {
    broker::metrics::histogram measured(broker::metrics::latency_bounds);
    for (int i = 0; i < 100; ++i) measured.observe(0.0008);
    metrics_page figures;
    figures.add(metric::store_commit, measured.figures());
    auto const text = overview_json({"n", "1", {}}, {}, figures);
    CHECK(text.find(R"("commit":{"p50Ms":0.750,"p99Ms":0.995,"count":100,"buckets":[)") !=
          std::string::npos);
    CHECK(text.find("[0.5,0],[1,100],") != std::string::npos);
    CHECK(text.find("[null,100]]}") != std::string::npos);
}

TEST_CASE("a session's texts are escaped") {
    broker::session_details one;
    one.session = session("s-1", 1);
    one.session.user = "a\"b";
    one.session.transport = "tcp";
    one.session.version = "1.2";
    one.session.beats_in = 10s;
    one.subscriptions.push_back({"i\\d", "/topic/a", "client", 2});
    CHECK(
        session_json(one) ==
        R"({"session":"s-1","user":"a\"b","transport":"tcp","address":"",)"
        R"("since":"1970-01-01T00:00:01.000Z","version":"1.2","queuedBytes":0,"heartBeat":"10000,0",)"
        R"("subscriptions":[{"id":"i\\d","destination":"/topic/a","ack":"client","pending":2}]})");
}

TEST_CASE("the sessions of several shards: the newest first, as many as wanted") {
    broker::session_question wanted;
    wanted.limit = 3;
    auto all =
        together({{{session("a", 1), session("b", 5)}, false}, {{session("c", 3)}, false}}, wanted);
    CHECK(ids(all) == names{"b", "c", "a"});
    CHECK_FALSE(all.more);
    wanted.limit = 2;
    all =
        together({{{session("a", 1), session("b", 5)}, false}, {{session("c", 3)}, false}}, wanted);
    CHECK(ids(all) == names{"b", "c"});
    CHECK(all.more);
    wanted.limit = 3;
    CHECK(together({{{session("a", 1)}, true}, {}}, wanted).more);
}

TEST_CASE("of slow sessions those come first for whom the most waits") {
    broker::session_question wanted;
    wanted.slow = true;
    wanted.limit = 2;
    auto const all = together(
        {{{session("a", 9, 100)}, false}, {{session("b", 1, 300), session("c", 2, 200)}, false}},
        wanted);
    CHECK(ids(all) == names{"b", "c"});
}

TEST_CASE("the subscribers of a destination are added up over the shards") {
    auto const all =
        together({{{"/topic/a", 1}, {"/topic/b", 2}}, {{"/topic/a", 2}, {"/topic/c", 1}}}, 2);
    REQUIRE(all.size() == 2);
    CHECK(destinations_json(all) ==
          R"({"destinations":[{"destination":"/topic/a","subscribers":3},)"
          R"({"destination":"/topic/b","subscribers":2}]})");
}
