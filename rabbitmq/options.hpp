#pragma once

#include "broker/ports/metrics.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// What the link to RabbitMQ is told at its start, and what it tells while it works.

namespace rabbitmq {

// One for each thing an operator should hear of; for logs. Holds no message's content and no
// password. Called on the link's threads.
struct link_event {
    std::string_view name;  // "rabbitmq_connected", "rabbitmq_lost", "dead_letter", …
    std::string detail;
};

struct options {
    // Letters, digits, '-', '_' and '.', unique in the cluster; part of queue names and keys.
    std::string node_id;

    // As for parse_address(); the next is tried when one fails.
    std::vector<std::string> urls;
    std::string password;  // for urls without one
    std::string ca_file;   // for amqps: whom to trust, read at each connect; empty: the
                           // system's authorities
    std::chrono::milliseconds connect_timeout{5'000};  // TCP, TLS and login together, about
    std::chrono::seconds heart_beat{10};               // a link silent for two of them is lost
    std::chrono::milliseconds backoff_shortest{100};   // between attempts to connect, with jitter
    std::chrono::milliseconds backoff_longest{5'000};

    std::size_t confirm_window = 1000;       // publishes without a confirm
    std::size_t open_publishes = 4;          // of those, for one node, before events gather
    std::chrono::microseconds pace{1'000};   // between two publishes for one node, unless full
    std::size_t batch_count = 512;           // events in one publish
    std::size_t batch_bytes = 96U << 10U;    // octets in one publish, unless one event is larger
    std::size_t waiting_bytes = 64U << 20U;  // events for other nodes; see gathered_events
    std::size_t backlog_bytes = 8U << 20U;   // of those; above it on_backlog
    std::size_t outside_bytes = 64U << 20U;  // persistent events; above it refused, unless alone

    // RabbitMQ says that it is blocked only to who publishes. After so long without a publish it is
    // asked, with a message for nobody: a node that only listens must know, too, that the others
    // cannot reach it.
    std::chrono::milliseconds probe_every{500};

    // No canary goes through the queues that all nodes share: these and their bindings are declared
    // so often, which changes nothing while they are there.
    std::chrono::milliseconds declare_every{60'000};

    // What may wait in RabbitMQ for this node, should it be too slow: over it the oldest go, so
    // that one node cannot fill RabbitMQ's memory and block all others. The store repairs what is
    // stored.
    std::size_t queue_bytes = 64U << 20U;
    std::uint16_t prefetch = 256;         // deliveries without an ack, of the node's own queue
    std::uint16_t inbound_prefetch = 64;  // the same of chat.inbound
    // Before each repetition of a delivery that could not be handled; then it is a dead letter.
    std::array<std::chrono::milliseconds, 3> retry_delays{std::chrono::milliseconds{1'000},
                                                          std::chrono::milliseconds{2'000},
                                                          std::chrono::milliseconds{4'000}};

    // How long the destruction waits for the confirms of what is still to go out.
    std::chrono::milliseconds drain_timeout{1'000};

    std::function<void(link_event const&)> on_event;
    // At each change, the first one when a link comes up for the first time. Events of other nodes
    // may be missing until the consumer is up, and theirs of this node until the publisher is; what
    // was published meanwhile is repaired from the store.
    std::function<void(bool publisher_up, bool consumer_up)> on_link;
    // A canary of this node has come back; see rabbit_bus::send_canary().
    std::function<void(std::uint64_t number)> on_canary;
    // RabbitMQ takes no publishes at present (memory or disk alarm), or takes them again: a reason
    // to slow the senders down. Ends with the link, too.
    std::function<void(bool blocked)> on_blocked;
    // RabbitMQ takes them too slowly: more than backlog_bytes wait, and not less than half of it
    // since. Not while there is no link: nothing would make the backlog smaller then. Called by
    // whoever publishes, too, and under a lock: it must be quick and must not publish.
    std::function<void(bool over)> on_backlog;
};

// Since the start.
struct counters {
    std::uint64_t published;        // AMQP messages sent
    std::uint64_t confirmed;        // of those, confirmed
    std::uint64_t unconfirmed;      // of those, refused, or the link went before the confirm
    std::uint64_t gathered;         // events in what was published between nodes
    std::uint64_t dropped;          // events that did not fit in the bound
    std::uint64_t outside;          // persistent events published
    std::uint64_t received;         // AMQP messages
    std::uint64_t received_events;  // of other nodes
    std::uint64_t inbound;          // JSON events that the handler took
    std::uint64_t retried;          // deliveries offered once more
    std::uint64_t dead_lettered;
    std::uint64_t connects;  // of both threads, the first ones included
    std::uint64_t lost_links;
    std::uint64_t waiting_bytes;  // events for other nodes that have not left yet, now
    broker::metrics::histogram_figures confirm_seconds;  // from a publish to its confirm
};

}  // namespace rabbitmq
