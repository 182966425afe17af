#include "broker/shard_metrics.hpp"
#include "broker/transport/loop.hpp"
#include "broker/transport/transport_server.hpp"
#include "node/metrics/collect.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace node {
namespace {

using broker::shard_metrics;
using broker::metrics::histogram_figures;

constexpr std::array client_commands{
    stomp::command::connect,   stomp::command::stomp,       stomp::command::send,
    stomp::command::subscribe, stomp::command::unsubscribe, stomp::command::ack,
    stomp::command::nack,      stomp::command::begin,       stomp::command::commit,
    stomp::command::abort,     stomp::command::disconnect};
constexpr std::array server_commands{stomp::command::connected, stomp::command::message,
                                     stomp::command::receipt, stomp::command::error};

constexpr std::size_t class_2xx = 1;  // in http_class_labels

double stalled_for(shard_metrics const& shard) {
    auto const due = shard.tick_due.load(std::memory_order_relaxed);
    auto const now =
        std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
    // A tick that is a little late is none that stalls.
    constexpr std::int64_t patience = 50'000'000;
    return due == 0 || now - due < patience ? 0 : static_cast<double>(now - due) / 1e9;
}

class shards {
public:
    explicit shards(broker::transport::transport_server& server) {
        for (std::size_t i = 0; i < server.loop_count(); ++i)
            all_.push_back(&server.loop_at(i).metrics());
    }

    std::vector<shard_metrics const*> const& each() const { return all_; }

    // `of` answers the counter or gauge of one shard.
    template <typename Of>
    double sum(Of of) const {
        double all = 0;
        for (auto const* shard : all_) all += static_cast<double>(of(*shard).value());
        return all;
    }
    template <typename Of>
    histogram_figures together(Of of) const {
        histogram_figures all;
        for (auto const* shard : all_) all.add(of(*shard).figures());
        return all;
    }

private:
    std::vector<shard_metrics const*> all_;
};

void add_connections(metrics_page& to, shards const& all) {
    for (std::size_t i = 0; i < broker::transport_labels.size(); ++i) {
        auto const label = broker::transport_labels[i];
        to.add(metric::connections,
               all.sum([i](auto const& one) -> auto& { return one.connections[i]; }), {label});
        to.add(metric::connections_opened,
               all.sum([i](auto const& one) -> auto& { return one.connections_opened[i]; }),
               {label});
    }
    for (std::size_t i = 0; i < broker::close_reason_count; ++i) {
        to.add(metric::connections_closed,
               all.sum([i](auto const& one) -> auto& { return one.connections_closed[i]; }),
               {broker::describe(static_cast<broker::close_reason>(i)).label});
    }
    to.add(metric::connection_duration,
           all.together([](auto const& one) -> auto& { return one.connection_duration; }));
    to.add(metric::connections_blocked,
           all.sum([](auto const& one) -> auto& { return one.blocked_connections; }));
    to.add(metric::sessions, all.sum([](auto const& one) -> auto& { return one.sessions; }));
}

void add_frames(metrics_page& to, shards const& all) {
    double delivered = 0;
    for (std::size_t i = 0; i < broker::delivery_labels.size(); ++i) {
        auto const label = broker::delivery_labels[i];
        to.add(metric::subscriptions,
               all.sum([i](auto const& one) -> auto& { return one.subscriptions[i]; }), {label});
        auto const count = all.sum([i](auto const& one) -> auto& { return one.deliveries[i]; });
        to.add(metric::deliveries, count, {label});
        delivered += count;
    }
    for (auto const command : client_commands) {
        auto const i = static_cast<std::size_t>(command);
        to.add(metric::frames_received,
               all.sum([i](auto const& one) -> auto& { return one.frames_received[i]; }),
               {stomp::to_string(command)});
    }
    for (auto const command : server_commands) {
        auto const i = static_cast<std::size_t>(command);
        auto const own = all.sum([i](auto const& one) -> auto& { return one.frames_sent[i]; });
        to.add(metric::frames_sent, command == stomp::command::message ? own + delivered : own,
               {stomp::to_string(command)});
    }
    to.add(metric::frames_malformed,
           all.sum([](auto const& one) -> auto& { return one.malformed_frames; }));
    to.add(metric::delivery_latency,
           all.together([](auto const& one) -> auto& { return one.delivery_latency; }));
    to.add(metric::messages_dropped,
           all.sum([](auto const& one) -> auto& { return one.dropped_messages; }));
    to.add(metric::received_bytes,
           all.sum([](auto const& one) -> auto& { return one.bytes_received; }));
    to.add(metric::sent_bytes, all.sum([](auto const& one) -> auto& { return one.bytes_sent; }));
}

void add_rooms(metrics_page& to, shards const& all) {
    // Every shard gets every event.
    to.add(metric::events_routed, static_cast<double>(all.each().front()->events.value()));
    to.add(metric::room_gaps, all.sum([](auto const& one) -> auto& { return one.gaps; }));
    to.add(metric::room_sweeps, all.sum([](auto const& one) -> auto& { return one.sweeps; }));
    to.add(metric::room_sweep_finds, all.sum([](auto const& one) -> auto& { return one.behind; }));
    for (std::size_t i = 0; i < broker::repair_labels.size(); ++i) {
        to.add(metric::room_repaired,
               all.sum([i](auto const& one) -> auto& { return one.repaired[i]; }),
               {broker::repair_labels[i]});
    }
    to.add(metric::room_late, all.sum([](auto const& one) -> auto& { return one.late; }));
    to.add(metric::room_replayed, all.sum([](auto const& one) -> auto& { return one.replayed; }));
}

void add_http(metrics_page& to, shards const& all) {
    for (std::size_t route = 0; route < broker::http_route_labels.size(); ++route) {
        for (std::size_t code = 0; code < broker::http_class_labels.size(); ++code) {
            to.add(metric::http_requests, all.sum([ route, code ](auto const& one) -> auto& {
                return one.http_requests[route][code];
            }),
                   {broker::http_route_labels[route], broker::http_class_labels[code]});
            auto const took = all.together([ route, code ](auto const& one) -> auto& {
                return one.http_durations[route][code];
            });
            // Most classes of most routes never come; what is always there is looked for by name.
            if (took.count() == 0 && code != class_2xx) continue;
            to.add(metric::http_latency, took,
                   {broker::http_route_labels[route], broker::http_class_labels[code]});
        }
    }
}

}  // namespace

void add_shards(metrics_page& to, broker::transport::transport_server& server) {
    shards const all(server);
    for (std::size_t i = 0; i < all.each().size(); ++i) {
        auto const label = std::to_string(i);
        to.add(metric::loop_lag, all.each()[i]->loop_lag.figures(), {label});
        to.add(metric::loop_stalled, stalled_for(*all.each()[i]), {label});
    }
    auto const counts = server.counts();
    to.add(metric::sockets, static_cast<double>(counts.open));
    to.add(metric::sockets_accepted, static_cast<double>(counts.accepted));
    to.add(metric::sockets_refused, static_cast<double>(counts.refused));
    to.add(metric::outbound_queue, static_cast<double>(server.waiting_bytes()) + all.sum([
    ](auto const& one) -> auto& { return one.session_queue_bytes; }));
    add_connections(to, all);
    add_frames(to, all);
    add_rooms(to, all);
    add_http(to, all);
}

}  // namespace node
