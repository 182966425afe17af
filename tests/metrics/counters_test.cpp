#include "broker/ports/metrics.hpp"
#include "broker/shard_metrics.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <limits>
#include <thread>

using namespace broker;
using namespace std::chrono_literals;

namespace {

constexpr std::array<double, 3> bounds{0.1, 1, 10};

}  // namespace

TEST_CASE("a counter adds, a gauge goes both ways") {
    metrics::counter counter;
    metrics::gauge gauge;

    counter.add();
    counter.add(41);
    gauge.add(3);
    gauge.sub(5);

    CHECK(counter.value() == 42);
    CHECK(gauge.value() == -2);
}

TEST_CASE("several threads may add to a shared counter") {
    metrics::shared_counter counter;
    auto const count = [&counter] {
        for (int i = 0; i < 10'000; ++i) counter.add();
    };

    std::thread other(count);
    count();
    other.join();

    CHECK(counter.value() == 20'000);
}

TEST_CASE("a value falls into the bucket whose bound it does not exceed") {
    metrics::histogram histogram(bounds);

    for (double const value : {0.0, 0.1, 0.100001, 1.0, 9.9, 10.0, 10.1}) histogram.observe(value);

    auto const read = histogram.figures();
    CHECK(read.counts[0] == 2);
    CHECK(read.counts[1] == 2);
    CHECK(read.counts[2] == 2);
    CHECK(read.counts[3] == 1);
    CHECK(read.count() == 7);
    CHECK(read.sum == doctest::Approx(31.200001));
}

TEST_CASE("what is beyond every bound falls into the last bucket") {
    metrics::histogram histogram(bounds);

    histogram.observe(std::numeric_limits<double>::infinity());
    histogram.observe(-1);

    CHECK(histogram.figures().counts[3] == 1);
    CHECK(histogram.figures().counts[0] == 1);
}

TEST_CASE("the figures of several histograms add up") {
    metrics::histogram one(bounds);
    metrics::histogram other(bounds);
    one.observe(0.05);
    other.observe(0.05);
    other.observe(5);

    metrics::histogram_figures both;
    both.add(one.figures());
    both.add(other.figures());

    CHECK(both.bounds.size() == 3);
    CHECK(both.counts[0] == 2);
    CHECK(both.counts[2] == 1);
    CHECK(both.sum == doctest::Approx(5.1));
}

TEST_CASE("the tables of bounds fit and rise") {
    auto const rises = [](auto const& table) {
        CHECK(table.size() <= metrics::most_buckets);
        for (std::size_t i = 1; i < table.size(); ++i) CHECK(table[i - 1] < table[i]);
    };
    rises(metrics::latency_bounds);
    rises(metrics::lifetime_bounds);
    rises(metrics::batch_bounds);
}

TEST_CASE("a flush gives one sample, of the oldest message") {
    shard_metrics shard;
    auto const now = std::chrono::steady_clock::now();

    shard.delivered(delivery_kind::room, 1000, now - 2s);
    shard.delivered(delivery_kind::room, 1000, now - 20s);
    shard.delivered(delivery_kind::topic, 1, now - 1s);
    CHECK(shard.awaits_flush());
    shard.flushed();
    shard.flushed();

    auto const read = shard.delivery_latency.figures();
    CHECK(read.count() == 1);
    CHECK(read.sum >= 20);
    CHECK_FALSE(shard.awaits_flush());
    CHECK(shard.deliveries[static_cast<std::size_t>(delivery_kind::room)].value() == 2000);
    CHECK(shard.deliveries[static_cast<std::size_t>(delivery_kind::topic)].value() == 1);
}

TEST_CASE("what was read from the store is no sample") {
    shard_metrics shard;

    shard.delivered(delivery_kind::room, 3, {});

    CHECK_FALSE(shard.awaits_flush());
    CHECK(shard.deliveries[static_cast<std::size_t>(delivery_kind::room)].value() == 3);
}

TEST_CASE("a thread without a shard counts where nobody reads") {
    shard_metrics shard;
    shard_metrics::set_here(&shard);
    std::thread([] { shard_metrics::here().gaps.add(); }).join();
    shard_metrics::here().gaps.add();
    shard_metrics::set_here(nullptr);
    shard_metrics::here().gaps.add();

    CHECK(shard.gaps.value() == 1);
}

TEST_CASE("a transport that the table does not know is counted as other") {
    CHECK(transport_labels[transport_index("tcp")] == "tcp");
    CHECK(transport_labels[transport_index("sockjs-htmlfile")] == "sockjs-htmlfile");
    CHECK(transport_labels[transport_index("carrier-pigeon")] == "other");
}

TEST_CASE("a status outside of HTTP's classes is counted as a server's error") {
    shard_metrics shard;

    for (unsigned const status : {101U, 204U, 304U, 404U, 503U, 0U, 999U})
        shard.answered(http_route_group::api, status, std::nullopt);

    auto const& counts = shard.http_requests[static_cast<std::size_t>(http_route_group::api)];
    CHECK(counts[0].value() == 1);
    CHECK(counts[1].value() == 1);
    CHECK(counts[2].value() == 1);
    CHECK(counts[3].value() == 1);
    CHECK(counts[4].value() == 3);
}

TEST_CASE("how long an answer took is kept by route and class, if anybody knows it") {
    shard_metrics shard;
    shard.answered(http_route_group::api, 200, std::chrono::milliseconds(3));
    shard.answered(http_route_group::api, 204, std::chrono::seconds(60));
    shard.answered(http_route_group::page, 200, std::chrono::milliseconds(3));
    shard.answered(http_route_group::other, 400, std::nullopt);

    auto const of = [&shard](http_route_group group, std::size_t kind) {
        return shard.http_durations[static_cast<std::size_t>(group)][kind].figures();
    };
    auto const api = of(http_route_group::api, 1);
    CHECK(api.count() == 2);
    CHECK(api.counts[5] == 1);  // up to 5 ms
    CHECK(api.counts[api.bounds.size()] == 1);
    CHECK(api.sum == doctest::Approx(60.003));
    CHECK(of(http_route_group::page, 1).count() == 1);
    CHECK(of(http_route_group::other, 3).count() == 0);
    CHECK(shard.http_requests[static_cast<std::size_t>(http_route_group::other)][3].value() == 1);
}
