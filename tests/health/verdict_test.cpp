#include "node/health/verdict.hpp"
#include "node/health/health_json.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <vector>

using namespace node::health;
using namespace std::chrono_literals;

namespace {

constexpr wall_clock::time_point noon{std::chrono::sys_days{std::chrono::year{2025} / 1 / 9} + 12h};

observed well(std::string name, bool needed = false) {
    return {
        std::move(name),
        {.state = link_state::well, .since = noon, .last_success = noon + 5s, .round_trip = 730us},
        needed};
}

observed ill(std::string name, bool needed = false) {
    auto one = well(std::move(name), needed);
    one.of.state = link_state::ill;
    one.of.last_error = "no answer within 5000 ms";
    one.of.last_error_at = noon + 10s;
    return one;
}

observed untried(std::string name) {
    return {std::move(name), {.since = noon}};
}

// A node with two loops and these links.
struct some_node {
    std::vector<observed> loops{well("shard-0"), well("shard-1")};
    std::vector<observed> links{well("rabbitmq"), well("redis"), well("store.writer")};
    node_phase phase = node_phase::serving;
    bool patience_over = false;

    facts known() const {
        return {.phase = phase, .patience_over = patience_over, .loops = loops, .links = links};
    }
};

}  // namespace

TEST_CASE("a node whose loops turn and whose links are well is live, started and ready") {
    some_node node;
    CHECK(live(node.known()).good);
    CHECK(started(node.known()).good);
    auto const verdict = ready(node.known());
    CHECK(verdict.good);
    CHECK(verdict.status == "ready");
}

TEST_CASE("a link that is ill degrades a node, which stays ready") {
    for (std::size_t i = 0; i != 3; ++i) {
        some_node node;
        node.links[i] = ill(node.links[i].name);
        auto const verdict = ready(node.known());
        CHECK(verdict.good);
        CHECK(verdict.status == "degraded");
        CHECK(live(node.known()).good);
        CHECK(started(node.known()).good);
    }
}

TEST_CASE("a link that is needed makes a node unready while it is ill") {
    some_node node;
    node.links[2] = ill("store.writer", true);
    auto const verdict = ready(node.known());
    CHECK_FALSE(verdict.good);
    CHECK(verdict.status == "unready");
    CHECK(live(node.known()).good);
}

TEST_CASE("a node starts until every link was well once, or it has waited long enough") {
    some_node node;
    node.links[0] = untried("rabbitmq");
    CHECK(started(node.known()).status == "starting");
    CHECK_FALSE(started(node.known()).good);
    CHECK(ready(node.known()).status == "starting");
    CHECK_FALSE(ready(node.known()).good);
    CHECK(live(node.known()).good);

    node.patience_over = true;
    CHECK(started(node.known()).good);
    CHECK(ready(node.known()).status == "degraded");
}

TEST_CASE("a loop that never turned keeps a node from having started, however long it takes") {
    some_node node;
    node.loops[1] = untried("shard-1");
    node.patience_over = true;
    CHECK_FALSE(started(node.known()).good);
}

TEST_CASE("a loop that is stuck is neither live nor ready") {
    some_node node;
    node.loops[1] = ill("shard-1");
    CHECK_FALSE(live(node.known()).good);
    CHECK(live(node.known()).status == "stuck");
    CHECK(ready(node.known()).status == "stuck");
    CHECK_FALSE(ready(node.known()).good);
}

TEST_CASE("a node that drains is live and not ready") {
    some_node node;
    node.phase = node_phase::draining;
    CHECK(live(node.known()).good);
    CHECK(started(node.known()).good);
    CHECK_FALSE(ready(node.known()).good);
    CHECK(ready(node.known()).status == "draining");
}

TEST_CASE("what may be said of readiness is in its list") {
    auto const is_listed = [](some_node const& node) {
        return std::ranges::count(ready_statuses, ready(node.known()).status) == 1;
    };
    some_node node;
    CHECK(is_listed(node));
    node.links = {ill("redis")};
    CHECK(is_listed(node));
    node.links = {ill("store.writer", true)};
    CHECK(is_listed(node));
    node.links = {untried("rabbitmq")};
    CHECK(is_listed(node));
    node.loops = {ill("shard-0")};
    CHECK(is_listed(node));
    node.phase = node_phase::draining;
    CHECK(is_listed(node));
}

TEST_CASE("the page says of each link what is known of it") {
    some_node node;
    node.loops = {well("shard-0")};
    node.links = {ill("redis"), untried("rabbitmq")};
    CHECK(to_json({true, "degraded"}, node.known()) ==
          R"({"status":"degraded","loops":[{"name":"shard-0","state":"well",)"
          R"("since":"2025-01-09T12:00:00.000Z","lastSuccess":"2025-01-09T12:00:05.000Z",)"
          R"("roundTripMs":0.730}],"links":[{"name":"redis","state":"ill",)"
          R"("since":"2025-01-09T12:00:00.000Z","lastSuccess":"2025-01-09T12:00:05.000Z",)"
          R"("roundTripMs":0.730,"lastError":"no answer within 5000 ms",)"
          R"("lastErrorAt":"2025-01-09T12:00:10.000Z"},{"name":"rabbitmq","state":"unknown",)"
          R"("since":"2025-01-09T12:00:00.000Z"}]})");
}
