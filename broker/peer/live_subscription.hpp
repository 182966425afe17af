#pragma once

#include "broker/peer/stomp_peer.hpp"
#include "broker/routing/router.hpp"
#include "broker/routing/subscription.hpp"

// What the files of the peer share among themselves: a subscription of its session, as the router
// and the registry have it.

namespace broker {

struct stomp_peer::live_subscription {
    subscription_handle handle;
    routing::source kind = routing::source::nothing;
    bool present = false;  // counted in its room's presence
    routing::subscription routed;
};

}  // namespace broker
