#include "broker/peer/stomp_peer.hpp"
#include "broker/shard.hpp"
#include "broker/shard_metrics.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

// What a connection adds to the shard's counts when it begins and when it ends.

namespace broker {
namespace {

std::uint32_t second_of(steady_time time) {
    return static_cast<std::uint32_t>(time.time_since_epoch() / std::chrono::seconds(1));
}

// Why a connection ended whose session did not say: its transport knows.
close_reason reason_of_code(std::uint16_t code) {
    switch (code) {
        case 1000:
        case 1001:
        case 1005: return close_reason::client_disconnect;
        case 1002: return close_reason::protocol_error;
        case 1003:
        case 1007: return close_reason::unsupported_data;
        case 1009: return close_reason::message_too_big;
        case 1011: return close_reason::internal_error;
        case 4003: return close_reason::ping_timeout;
        default: return close_reason::peer_gone;
    }
}

}  // namespace

void stomp_peer::count_opened() {
    auto& counts = shard_.loop().metrics();
    opened_second_ = second_of(shard_.loop().now());
    transport_ = transport_index(link_->transport_name());
    counts.connections[transport_].add();
    counts.connections_opened[transport_].add();
}

void stomp_peer::count_closed(std::uint16_t websocket_code) {
    if (!is_linked()) return;  // it never opened
    auto& counts = shard_.loop().metrics();
    counts.connections[transport_].sub();
    if (std::exchange(counted_connected_, false)) counts.sessions.sub();
    auto const reason = closed_because_      ? *closed_because_
                        : session_.leaving() ? close_reason::client_disconnect
                                             : reason_of_code(websocket_code);
    counts.connections_closed[static_cast<std::size_t>(reason)].add();
    counts.connection_duration.observe(second_of(shard_.loop().now()) - opened_second_);
}

}  // namespace broker
