#include "chat/json/object_writer.hpp"
#include "node/console/answers.hpp"

#include <fmt/format.h>
#include <cmath>
#include <cstdint>
#include <initializer_list>

// One node at a glance, from what it counts for its metrics.

namespace node::console {
namespace {

namespace json = chat::json;
using json::object_writer;

// Whole numbers without a point.
std::string number(double value) {
    if (value == std::floor(value) && std::abs(value) < 1e15)
        return fmt::format("{}", static_cast<std::int64_t>(value));
    return fmt::format("{:.3f}", value);
}

double sum(metrics_page const& of, metric what) {
    double all = 0;
    for (auto const& each : of.samples(what)) all += each.value;
    return all;
}

double of_label(metrics_page const& figures, metric what, std::string_view label) {
    for (auto const& each : figures.samples(what)) {
        if (!each.labels.empty() && each.labels.front() == label) return each.value;
    }
    return 0;
}

// {"label":number,…}
void append_by_label(object_writer& to, std::string_view name, metrics_page const& figures,
                     std::initializer_list<metric> which) {
    object_writer one(to.key(name));
    for (auto const what : which) {
        for (auto const& each : figures.samples(what))
            one.raw(each.labels.front(), number(each.value));
    }
    one.close();
}

// [bound in ms, how many took at most that long]; the last has no bound.
void append_bucket(std::string& out, metrics_page::bucket const& each) {
    constexpr double ms = 1000;
    out += std::isinf(each.bound) ? fmt::format("[null,{}]", each.count)
                                  : fmt::format("[{:.6g},{}]", each.bound * ms, each.count);
}

void append_latency(object_writer& to, std::string_view name,
                    std::vector<metrics_page::bucket> const& buckets) {
    constexpr double ms = 1000;
    object_writer one(to.key(name));
    one.raw("p50Ms", fmt::format("{:.3f}", quantile(buckets, 0.50) * ms))
        .raw("p99Ms", fmt::format("{:.3f}", quantile(buckets, 0.99) * ms))
        .field("count", buckets.empty() ? std::uint64_t{0} : buckets.back().count);
    json::append_array(one.key("buckets"), buckets, append_bucket);
    one.close();
}

void append_counters(std::string& out, metrics_page const& figures) {
    object_writer all(out);
    append_by_label(all, "connectionsOpened", figures, {metric::connections_opened});
    append_by_label(all, "frames", figures, {metric::frames_received, metric::frames_sent});
    all.raw("deliveries", number(sum(figures, metric::deliveries)));
    append_by_label(all, "closes", figures, {metric::connections_closed});
    append_by_label(all, "limited", figures, {metric::limited});
    all.raw("authFailures", number(sum(figures, metric::auth_refused)))
        .raw("slowConsumers",
             number(of_label(figures, metric::connections_closed, "slow_consumer")))
        .raw("repairs", number(sum(figures, metric::room_repaired)))
        .raw("cpuSeconds", number(sum(figures, metric::process_cpu)));
    all.close();
}

void append_gauges(std::string& out, metrics_page const& figures) {
    object_writer all(out);
    append_by_label(all, "connections", figures, {metric::connections});
    all.raw("sessions", number(sum(figures, metric::sessions)))
        .raw("subscriptions", number(sum(figures, metric::subscriptions)))
        .raw("queuedBytes", number(sum(figures, metric::outbound_queue)))
        .raw("outboxRows", number(sum(figures, metric::outbox_waiting)))
        .raw("residentBytes", number(sum(figures, metric::process_resident)));
    {
        object_writer latencies(all.key("latencies"));
        append_latency(latencies, "delivery", figures.buckets(metric::delivery_latency));
        append_latency(latencies, "commit", figures.buckets(metric::store_commit));
        append_latency(latencies, "registry", figures.buckets(metric::registry_latency));
        latencies.close();
    }
    all.close();
}

void append_link(std::string& out, health::observed const& each) {
    bool const up = each.of.state == health::link_state::well;
    object_writer one(out);
    one.field("name", each.name)
        .field("up", up)
        .field("why", up                           ? std::string_view()
                      : each.of.last_error.empty() ? std::string_view("not tried yet")
                                                   : std::string_view(each.of.last_error));
    one.close();
}

}  // namespace

double quantile(std::vector<metrics_page::bucket> const& buckets, double share) {
    if (buckets.empty() || buckets.back().count == 0) return 0;
    double const wanted = share * static_cast<double>(buckets.back().count);
    double below = 0;
    double from = 0;
    for (auto const& [bound, count] : buckets) {
        auto const up_to = static_cast<double>(count);
        if (up_to < wanted || up_to == from) {
            below = std::isinf(bound) ? below : bound;
            from = up_to;
            continue;
        }
        if (std::isinf(bound)) return below;
        return below + (bound - below) * (wanted - from) / (up_to - from);
    }
    return below;
}

std::string overview_json(about_node const& about, health::monitor::summary const& health,
                          metrics_page const& figures) {
    using namespace std::chrono;
    auto const now = floor<milliseconds>(about.now);
    auto const started = sum(figures, metric::process_start);
    auto const since =
        started == 0 ? now
                     : chat::timestamp(milliseconds(static_cast<std::int64_t>(started * 1000)));
    auto const age = std::max(milliseconds(0), now - since);
    std::string out;
    object_writer body(out);
    body.field("id", about.id)
        .field("version", about.version)
        .field("startedAt", since)
        .field("uptimeSeconds", static_cast<std::uint64_t>(floor<seconds>(age).count()))
        .field("ready", health.ready)
        .field("draining", health.draining);
    json::append_array(body.key("links"), health.links, append_link);
    append_counters(body.key("counters"), figures);
    append_gauges(body.key("gauges"), figures);
    body.close();
    return out;
}

}  // namespace node::console
