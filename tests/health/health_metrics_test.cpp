#include "node/metrics/collect.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace node;
using namespace std::chrono_literals;

namespace {

using labelled = std::vector<std::pair<std::string, double>>;

// A metric of one label, by its values.
labelled values(metrics_page const& page, metric what) {
    labelled out;
    for (auto const& each : page.samples(what)) out.emplace_back(each.labels.at(0), each.value);
    return out;
}

health::observed link(std::string name, health::link_state state) {
    health::wall_clock::time_point const since{1'700'000'000s};
    return {std::move(name),
            {.state = state, .since = since, .last_success = since + 500ms, .round_trip = 730us}};
}

}  // namespace

TEST_CASE("each shard and link says whether it is well, its last round trip, and when that was") {
    health::monitor::summary known;
    known.status = "degraded";
    known.loops = {link("shard-0", health::link_state::well)};
    known.links = {link("redis", health::link_state::ill),
                   {"rabbitmq", {.state = health::link_state::unknown}}};
    metrics_page page;
    add_health(page, known);

    CHECK(values(page, metric::link_up) == labelled{{"shard-0", 1}, {"redis", 0}, {"rabbitmq", 0}});
    CHECK(values(page, metric::link_round_trip) ==
          labelled{{"shard-0", 730e-6}, {"redis", 730e-6}, {"rabbitmq", 0}});
    CHECK(values(page, metric::link_last_success) ==
          labelled{{"shard-0", 1'700'000'000.5}, {"redis", 1'700'000'000.5}, {"rabbitmq", 0}});
}

TEST_CASE("one of the states that a node may be in is 1") {
    health::monitor::summary known;
    known.status = "degraded";
    metrics_page page;
    add_health(page, known);

    CHECK(values(page, metric::node_state) == labelled{{"ready", 0},
                                                       {"degraded", 1},
                                                       {"starting", 0},
                                                       {"draining", 0},
                                                       {"stuck", 0},
                                                       {"unready", 0}});
}
