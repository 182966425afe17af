#pragma once

#include "broker/close_reason.hpp"
#include "broker/ports/clock.hpp"
#include "broker/ports/metrics.hpp"
#include "stomp/command.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// What one shard counts. Written by the shard's thread, read by any; the sums over the shards are
// made by whoever asks (docs/metrics.md). The shard's loop owns it.

namespace broker {

inline constexpr std::size_t close_reason_count =
    static_cast<std::size_t>(close_reason::internal_error) + 1;

// How clients are connected: the names of link::transport_name(), and one for what is none of them.
inline constexpr std::array<std::string_view, 11> transport_labels{"websocket",
                                                                   "tcp",
                                                                   "sockjs-websocket",
                                                                   "sockjs-websocket-raw",
                                                                   "sockjs-xhr-polling",
                                                                   "sockjs-xhr-streaming",
                                                                   "sockjs-eventsource",
                                                                   "sockjs-htmlfile",
                                                                   "sockjs-jsonp-polling",
                                                                   "sockjs",
                                                                   "other"};
std::uint8_t transport_index(std::string_view name) noexcept;

// What messages are delivered for.
enum class delivery_kind : std::uint8_t { topic, room, user };
inline constexpr std::array<std::string_view, 3> delivery_labels{"topic", "room", "user"};

// Which part of the node an HTTP request was for.
enum class http_route_group : std::uint8_t {
    other,  // nothing is served there
    api,
    websocket,
    sockjs,
    page,
    health,
    operations,  // metrics, console
    internal,    // of other nodes
};
inline constexpr std::array<std::string_view, 8> http_route_labels{
    "other", "api", "websocket", "sockjs", "page", "health", "operations", "internal"};
inline constexpr std::array<std::string_view, 5> http_class_labels{"1xx", "2xx", "3xx", "4xx",
                                                                   "5xx"};

struct shard_metrics {
    using counter = metrics::counter;
    using gauge = metrics::gauge;
    using histogram = metrics::histogram;

    shard_metrics() = default;
    shard_metrics(shard_metrics const&) = delete;
    shard_metrics& operator=(shard_metrics const&) = delete;

    // Of the loop that runs on this thread. On other threads: one that nobody reads.
    static shard_metrics& here() noexcept;
    // For the loop.
    static void set_here(shard_metrics* current) noexcept;

    // A message was handed to `count` subscriptions; it came to this node at `since`, if that is
    // known. Leaves with the flush at the end of the turn.
    void delivered(delivery_kind kind, std::uint64_t count, steady_time since) noexcept {
        deliveries[static_cast<std::size_t>(kind)].add(count);
        if (since != steady_time{} && (oldest_ == steady_time{} || since < oldest_)) {
            oldest_ = since;
        }
    }
    // The flush is done: one sample, of the oldest message that it took along.
    void flushed() noexcept {
        if (oldest_ == steady_time{}) return;
        delivery_latency.observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - oldest_).count());
        oldest_ = {};
    }
    bool awaits_flush() const noexcept { return oldest_ != steady_time{}; }

    // An answer began, so long after its request was complete; none: it could not be read.
    void answered(http_route_group group, unsigned status,
                  std::optional<std::chrono::duration<double>> took) noexcept {
        auto const route = static_cast<std::size_t>(group);
        auto const kind = std::min<std::size_t>(status / 100 - 1, http_class_labels.size() - 1);
        http_requests[route][kind].add();
        if (took) http_durations[route][kind].observe(took->count());
    }

    std::array<counter, delivery_labels.size()> deliveries;
    std::array<counter, stomp::command_count> frames_received;
    std::array<counter, stomp::command_count> frames_sent;  // MESSAGE: only those of no delivery
    counter malformed_frames;
    counter bytes_received;
    counter bytes_sent;
    histogram delivery_latency{metrics::latency_bounds};

    std::array<gauge, transport_labels.size()> connections;
    std::array<counter, transport_labels.size()> connections_opened;
    std::array<counter, close_reason_count> connections_closed;
    histogram connection_duration{metrics::lifetime_bounds};
    gauge sessions;
    std::array<gauge, delivery_labels.size()> subscriptions;

    gauge blocked_connections;
    gauge session_queue_bytes;  // of SockJS sessions, between two requests
    counter dropped_messages;

    counter events;                   // given to this shard by the bus
    counter gaps;                     // a message was missing in what the bus brought to a room
    counter sweeps;                   // rounds
    counter behind;                   // a sweep found that a room had more than the bus had brought
    std::array<counter, 2> repaired;  // messages read from the store instead, by repair_labels
    counter late;                     // the bus brought them after they were repaired
    counter replayed;                 // messages of a room read for one subscription

    template <typename Of>
    using by_route = std::array<std::array<Of, http_class_labels.size()>, http_route_labels.size()>;
    struct latency : histogram {
        constexpr latency() noexcept : histogram(metrics::latency_bounds) {}
    };
    by_route<counter> http_requests;
    by_route<latency> http_durations;

    histogram loop_lag{metrics::latency_bounds};
    // When the loop's clock should tick next, in steady nanoseconds; 0: it does not run.
    std::atomic<std::int64_t> tick_due{0};

private:
    steady_time oldest_{};
};

// Who found that messages were missing.
inline constexpr std::array<std::string_view, 2> repair_labels{"gap", "sweep"};

}  // namespace broker
