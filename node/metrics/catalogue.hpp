#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Every metric of the node, in one table: for the page that Prometheus reads and for
// docs/metrics.md.
//
// Names follow Prometheus' conventions: base units, `_total` for what only grows. The values of
// labels come from tables of the code, so that their number is bounded whatever clients do.

namespace node {

enum class metric : std::uint8_t {
    build_info,
    node_info,
    process_cpu,
    process_resident,
    process_virtual,
    process_open_fds,
    process_max_fds,
    process_threads,
    process_start,

    loop_lag,
    loop_stalled,

    node_state,
    link_up,
    link_round_trip,
    link_last_success,

    sockets,
    sockets_accepted,
    sockets_refused,
    connections,
    connections_opened,
    connections_closed,
    connection_duration,
    connections_blocked,
    sessions,
    subscriptions,

    frames_received,
    frames_malformed,
    frames_sent,
    deliveries,
    delivery_latency,
    outbound_queue,
    messages_dropped,
    received_bytes,
    sent_bytes,

    http_requests,
    http_latency,
    auth_accepted,
    auth_refused,
    limited,

    events_routed,
    room_gaps,
    room_sweeps,
    room_sweep_finds,
    room_repaired,
    room_late,
    room_replayed,

    store_commit,
    store_batch,
    store_messages,
    store_queue_messages,
    store_queue_bytes,
    store_connects,
    store_jobs,
    store_jobs_seconds,
    store_jobs_waiting,

    bus_link_up,
    bus_connects,
    bus_losses,
    bus_blocked,
    bus_publishes,
    bus_confirms,
    bus_confirm_latency,
    bus_events_sent,
    bus_events_received,
    bus_events_dropped,
    bus_waiting,
    bus_inbound,
    bus_retried,
    bus_dead_lettered,
    senders_slowed,

    registry_up,
    registry_complete,
    registry_losses,
    registry_commands,
    registry_latency,
    registry_lookups,
    registry_keys,
    cluster_nodes,

    outbox_published,
    outbox_failed,
    outbox_waiting,
    outbox_oldest,

    eureka_registered,
    eureka_requests,
};

enum class metric_type : std::uint8_t { counter, gauge, histogram };

// Which nodes have it.
enum class metric_home : std::uint8_t {
    every_node,
    cluster,   // with RabbitMQ
    registry,  // with Redis
    eureka,    // that registers with a Eureka server
};

struct metric_row {
    metric id;
    std::string_view name;
    metric_type type;
    std::string_view labels;  // their names, in the order of the values; separated by one space
    metric_home home;
    std::string_view help;
};

std::span<metric_row const> metric_rows() noexcept;
metric_row const& describe(metric id) noexcept;

// The generated part of docs/metrics.md.
std::string metrics_markdown();

}  // namespace node
