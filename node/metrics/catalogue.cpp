#include "node/metrics/catalogue.hpp"

#include <array>
#include <cstddef>

namespace node {
namespace {

using enum metric;
constexpr auto counter = metric_type::counter;
constexpr auto gauge = metric_type::gauge;
constexpr auto histogram = metric_type::histogram;
constexpr auto every = metric_home::every_node;
constexpr auto cluster = metric_home::cluster;
constexpr auto registry = metric_home::registry;
constexpr auto eureka = metric_home::eureka;

// clang-format off
constexpr std::array rows{
    metric_row{build_info, "stampede_build_info", gauge, "version", every,
               "Always 1; the version is in the label."},
    metric_row{node_info, "stampede_node_info", gauge, "node", every,
               "Always 1; the node's id in the cluster is in the label."},
    metric_row{process_cpu, "process_cpu_seconds_total", counter, "", every,
               "Processor time, user and system together."},
    metric_row{process_resident, "process_resident_memory_bytes", gauge, "", every,
               "Memory that is in use (RSS)."},
    metric_row{process_virtual, "process_virtual_memory_bytes", gauge, "", every,
               "Address space that is in use."},
    metric_row{process_open_fds, "process_open_fds", gauge, "", every,
               "Open file descriptors; each connection has one."},
    metric_row{process_max_fds, "process_max_fds", gauge, "", every,
               "The most file descriptors that may be open."},
    metric_row{process_threads, "process_threads", gauge, "", every, "Threads."},
    metric_row{process_start, "process_start_time_seconds", gauge, "", every,
               "When the process was started, since 1970."},

    metric_row{loop_lag, "stampede_loop_lag_seconds", histogram, "shard", every,
               "How late a shard's clock ticks, ten times a second: what is ready waits about as "
               "long."},
    metric_row{loop_stalled, "stampede_loop_stalled_seconds", gauge, "shard", every,
               "For how long a shard's clock has been overdue, now; 0 while it runs."},

    metric_row{node_state, "stampede_node_state", gauge, "state", every,
               "1 at what `/health/ready` says, 0 at what else it may say."},
    metric_row{link_up, "stampede_link_up", gauge, "link", every,
               "1 while the canaries of a link come back in time. The links, and the shards, are "
               "those of `/health/ready`."},
    metric_row{link_round_trip, "stampede_link_round_trip_seconds", gauge, "link", every,
               "How long the last canary took that came back in time; 0 until one did. Of "
               "`rabbitmq` it is the bus' lag."},
    metric_row{link_last_success, "stampede_link_last_success_timestamp_seconds", gauge, "link",
               every, "When that was, since 1970; 0 until one did."},

    metric_row{sockets, "stampede_sockets", gauge, "", every,
               "Open sockets of clients and other nodes, HTTP included; without the operations "
               "listener's."},
    metric_row{sockets_accepted, "stampede_sockets_accepted_total", counter, "", every,
               "Sockets that were accepted."},
    metric_row{sockets_refused, "stampede_sockets_refused_total", counter, "", every,
               "Sockets that were refused at once: too many are open, or no descriptor was left."},
    metric_row{connections, "stampede_connections", gauge, "transport", every,
               "Clients that are connected; over SockJS one session is one, whatever its requests."},
    metric_row{connections_opened, "stampede_connections_opened_total", counter, "transport", every,
               "Clients that connected."},
    metric_row{connections_closed, "stampede_connections_closed_total", counter, "reason", every,
               "Connections that ended, by why; slow consumers are among them."},
    metric_row{connection_duration, "stampede_connection_duration_seconds", histogram, "", every,
               "How long connections had lasted when they ended. A peak at a round number is the "
               "time-out of a proxy."},
    metric_row{connections_blocked, "stampede_connections_blocked", gauge, "", every,
               "Sockets that take no more at present: slow readers with something waiting."},
    metric_row{sessions, "stampede_sessions", gauge, "", every,
               "STOMP sessions whose CONNECT was accepted."},
    metric_row{subscriptions, "stampede_subscriptions", gauge, "destination", every,
               "Subscriptions of all sessions."},

    metric_row{frames_received, "stampede_frames_received_total", counter, "command", every,
               "STOMP frames of clients."},
    metric_row{frames_malformed, "stampede_frames_malformed_total", counter, "", every,
               "STOMP frames that could not be read; the connection ends with each."},
    metric_row{frames_sent, "stampede_frames_sent_total", counter, "command", every,
               "STOMP frames to clients."},
    metric_row{deliveries, "stampede_deliveries_total", counter, "destination", every,
               "Messages handed to subscriptions: one message to a thousand of them is a thousand."},
    metric_row{delivery_latency, "stampede_delivery_latency_seconds", histogram, "", every,
               "From the moment a SEND was read, or another node's event came, until the message "
               "was handed to the sockets of this node. One sample per loop turn, of the oldest "
               "message in it. For messages of rooms the commit is in it."},
    metric_row{outbound_queue, "stampede_outbound_queue_bytes", gauge, "", every,
               "Bytes that wait for the sockets of slow readers, and for the next request of SockJS "
               "clients."},
    metric_row{messages_dropped, "stampede_messages_dropped_total", counter, "", every,
               "Events that slow readers lost (typing, presence); messages are never dropped."},
    metric_row{received_bytes, "stampede_received_bytes_total", counter, "", every,
               "Bytes read from clients' sockets, after TLS."},
    metric_row{sent_bytes, "stampede_sent_bytes_total", counter, "", every,
               "Bytes written to clients' sockets, before TLS."},

    metric_row{http_requests, "stampede_http_requests_total", counter, "route code", every,
               "HTTP requests that were answered, by what they were for and the class of the "
               "status. A WebSocket's handshake is a 1xx."},
    metric_row{http_latency, "stampede_http_request_seconds", histogram, "route code", every,
               "From the moment a request was complete until its answer began. The polls of SockJS "
               "clients wait for something to tell. A class without any request is left out, but "
               "2xx."},
    metric_row{auth_accepted, "stampede_auth_accepted_total", counter, "", every,
               "Credentials that were accepted: of CONNECT, handshakes and REST."},
    metric_row{auth_refused, "stampede_auth_refused_total", counter, "reason", every,
               "Credentials that were refused."},
    metric_row{metric::limited, "stampede_limited_total", counter, "what", every,
               "How often a limit of a user or an address slowed or refused something; "
               "`credentials_wrong` is no limit yet, but counts towards one."},

    metric_row{events_routed, "stampede_events_routed_total", counter, "", every,
               "Events that the bus gave to each shard, of this node and of others."},
    metric_row{room_gaps, "stampede_room_gaps_total", counter, "", every,
               "How often a room's message came before an earlier one; ordinary, when several nodes "
               "write to a room."},
    metric_row{room_sweeps, "stampede_room_sweeps_total", counter, "", every,
               "How often a shard compared its rooms with the store."},
    metric_row{room_sweep_finds, "stampede_room_sweep_finds_total", counter, "", every,
               "Rooms of which a sweep found more in the store than the bus had brought."},
    metric_row{room_repaired, "stampede_room_messages_repaired_total", counter, "found_by", every,
               "Messages of rooms that were read from the store because the bus had not brought "
               "them."},
    metric_row{room_late, "stampede_room_messages_late_total", counter, "", every,
               "Of the repaired ones, those that the bus brought afterwards: late, not lost."},
    metric_row{room_replayed, "stampede_room_messages_replayed_total", counter, "", every,
               "Messages read from the store for one subscription that asked for them (x-last-seq)."},

    metric_row{store_commit, "stampede_store_commit_seconds", histogram, "", every,
               "How long the message writer took for a batch, from its begin to its commit, "
               "repetitions included."},
    metric_row{store_batch, "stampede_store_batch_messages", histogram, "", every,
               "How many messages the message writer put into one transaction."},
    metric_row{store_messages, "stampede_store_messages_total", counter, "outcome", every,
               "Messages given to the message writer. `refused`: for what they are; `failed`: the "
               "database could not; `turned_away`: too many waited."},
    metric_row{store_queue_messages, "stampede_store_write_queue_messages", gauge, "", every,
               "Messages that wait for the message writer, or are with it."},
    metric_row{store_queue_bytes, "stampede_store_write_queue_bytes", gauge, "", every,
               "Bytes of text in them."},
    metric_row{store_connects, "stampede_store_connects_total", counter, "", every,
               "Connections that the message writer made to the database."},
    metric_row{store_jobs, "stampede_store_jobs_total", counter, "outcome", every,
               "Jobs of the database threads: history, membership, read marks."},
    metric_row{store_jobs_seconds, "stampede_store_jobs_seconds_total", counter, "", every,
               "The time from asking to answer of all those jobs together."},
    metric_row{store_jobs_waiting, "stampede_store_jobs_waiting", gauge, "", every,
               "Jobs that wait for a database thread."},

    metric_row{bus_link_up, "stampede_bus_link_up", gauge, "link", cluster,
               "1 while the link to RabbitMQ is there."},
    metric_row{bus_connects, "stampede_bus_connects_total", counter, "", cluster,
               "Links to RabbitMQ that were made, the two first ones included."},
    metric_row{bus_losses, "stampede_bus_link_losses_total", counter, "", cluster,
               "Links to RabbitMQ that were lost."},
    metric_row{bus_blocked, "stampede_bus_blocked", gauge, "", cluster,
               "1 while RabbitMQ takes no publishes (an alarm of memory or disk)."},
    metric_row{bus_publishes, "stampede_bus_publishes_total", counter, "", cluster,
               "AMQP messages that were published."},
    metric_row{bus_confirms, "stampede_bus_confirms_total", counter, "outcome", cluster,
               "What became of them: `confirmed`, or `unconfirmed` when refused or when the link "
               "went first."},
    metric_row{bus_confirm_latency, "stampede_bus_confirm_seconds", histogram, "", cluster,
               "From a publish to RabbitMQ's confirm."},
    metric_row{bus_events_sent, "stampede_bus_events_sent_total", counter, "", cluster,
               "Events in what was published for other nodes."},
    metric_row{bus_events_received, "stampede_bus_events_received_total", counter, "", cluster,
               "Events of other nodes that came."},
    metric_row{bus_events_dropped, "stampede_bus_events_dropped_total", counter, "", cluster,
               "Events for other nodes that found no room to wait. What is stored is repaired."},
    metric_row{bus_waiting, "stampede_bus_waiting_bytes", gauge, "", cluster,
               "Bytes of events for other nodes that wait to be published."},
    metric_row{bus_inbound, "stampede_bus_inbound_total", counter, "", cluster,
               "Events of back ends that were taken."},
    metric_row{bus_retried, "stampede_bus_inbound_retried_total", counter, "", cluster,
               "Deliveries that could not be handled at once and were offered again."},
    metric_row{bus_dead_lettered, "stampede_bus_dead_lettered_total", counter, "", cluster,
               "Deliveries that became dead letters."},
    metric_row{senders_slowed, "stampede_senders_slowed", gauge, "reason", cluster,
               "1 while those who send are slowed because RabbitMQ cannot keep up."},

    metric_row{registry_up, "stampede_registry_up", gauge, "", registry,
               "1 while other nodes find this one in Redis."},
    metric_row{registry_complete, "stampede_registry_complete", gauge, "", registry,
               "1 while lookups are answered; otherwise events go to every node."},
    metric_row{registry_losses, "stampede_registry_losses_total", counter, "", registry,
               "How often this node could not be found in Redis any more."},
    metric_row{registry_commands, "stampede_registry_commands_total", counter, "", registry,
               "Commands sent to Redis."},
    metric_row{registry_latency, "stampede_registry_command_seconds", histogram, "", registry,
               "From a command to its answer; those that are sent together wait together."},
    metric_row{registry_lookups, "stampede_registry_lookups_total", counter, "", registry,
               "Questions for who has somebody for an event that were put to Redis."},
    metric_row{registry_keys, "stampede_registry_keys_total", counter, "", registry,
               "Keys that they asked for."},
    metric_row{cluster_nodes, "stampede_cluster_nodes", gauge, "", registry,
               "Nodes at work, this one included, as this one sees them in Redis; 0 while it cannot "
               "ask."},

    metric_row{outbox_published, "stampede_outbox_published_total", counter, "", cluster,
               "Rows of the outbox whose event this node published, confirmed."},
    metric_row{outbox_failed, "stampede_outbox_failed_total", counter, "", cluster,
               "Rows that went back into the outbox."},
    metric_row{outbox_waiting, "stampede_outbox_waiting", gauge, "", cluster,
               "Rows in the outbox, which all nodes share, counted up to 100,000; looked at every "
               "5 s."},
    metric_row{outbox_oldest, "stampede_outbox_oldest_seconds", gauge, "", cluster,
               "The age of the oldest row: the outbox' lag."},

    metric_row{eureka_registered, "stampede_eureka_registered", gauge, "", eureka,
               "1 while a Eureka server has taken the latest registration or renewal."},
    metric_row{eureka_requests, "stampede_eureka_requests_total", counter, "operation outcome",
               eureka,
               "Requests to Eureka servers. `unknown`: the server did not know this node; it then "
               "registers anew."},
};
// clang-format on

consteval bool rows_follow_the_enum() {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (static_cast<std::size_t>(rows[i].id) != i) return false;
    }
    return rows.size() == static_cast<std::size_t>(metric::eureka_requests) + 1;
}
static_assert(rows_follow_the_enum());

std::string_view name_of(metric_type type) {
    switch (type) {
        case metric_type::counter: return "counter";
        case metric_type::gauge: return "gauge";
        case metric_type::histogram: return "histogram";
    }
    return {};
}

void append_table(std::string& out, metric_home home) {
    out += "| metric | type | labels | what it says |\n| --- | --- | --- | --- |\n";
    for (auto const& row : rows) {
        if (row.home != home) continue;
        out.append("| `").append(row.name).append("` | ").append(name_of(row.type)).append(" | ");
        std::string_view left = row.labels;
        while (!left.empty()) {
            auto const label = left.substr(0, left.find(' '));
            left.remove_prefix(label.size() == left.size() ? label.size() : label.size() + 1);
            out.append("`").append(label).append(left.empty() ? "` " : "`, ");
        }
        out.append("| ").append(row.help).append(" |\n");
    }
}

}  // namespace

std::span<metric_row const> metric_rows() noexcept {
    return rows;
}

metric_row const& describe(metric id) noexcept {
    return rows[static_cast<std::size_t>(id)];
}

std::string metrics_markdown() {
    std::string out = "\n### Every node\n\n";
    append_table(out, metric_home::every_node);
    out += "\n### A node of a cluster (`rabbitmq.urls`)\n\n";
    append_table(out, metric_home::cluster);
    out += "\n### A node with a registry (`redis.urls` or `redis.sentinels`)\n\n";
    append_table(out, metric_home::registry);
    out += "\n### A node that registers with Eureka (`eureka.urls`)\n\n";
    append_table(out, metric_home::eureka);
    return out;
}

}  // namespace node
