#pragma once

#include "broker/peer/stomp_peer.hpp"
#include "broker/routing/router.hpp"
#include "broker/routing/subscription.hpp"
#include "broker/shard_metrics.hpp"

#include <cstddef>
#include <optional>

// What the files of the peer share among themselves: a subscription of its session, as the router
// and the registry have it.

namespace broker {

// One more on the shard for as long as it lives.
class counted_subscription {
public:
    explicit counted_subscription(delivery_kind kind) noexcept
        : at_(shard_metrics::here().subscriptions[static_cast<std::size_t>(kind)]) {
        at_.add();
    }
    ~counted_subscription() { at_.sub(); }
    counted_subscription(counted_subscription const&) = delete;
    counted_subscription& operator=(counted_subscription const&) = delete;

private:
    metrics::gauge& at_;  // of the shard's loop, which outlives its sessions
};

struct stomp_peer::live_subscription {
    std::optional<counted_subscription> counted;
    subscription_handle handle;
    routing::source kind = routing::source::nothing;
    bool present = false;  // counted in its room's presence
    routing::subscription routed;
};

}  // namespace broker
