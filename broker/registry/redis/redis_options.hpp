#pragma once

#include "broker/ports/presence.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// What the registry in Redis is made with.

namespace broker::redis {

// One for each thing an operator should hear of; for logs. The detail holds no password.
struct event {
    std::string_view name;  // "redis_connected", "redis_lost", "redis_unreachable", "redis_joined",
                            // "redis_lease_lost", "redis_moved", "redis_node_taken"
    std::string detail;
};

// Whether other nodes find this one through Redis.
struct state {
    bool up = false;
    // With up: others may have taken this node for dead since it was up the last time, or Redis had
    // lost what was in it. Whatever was published meanwhile may not have come here.
    bool lease_lost = false;
};

struct options {
    // As for parse_url(). The first that answers and is a master is used; after a loss they are
    // tried in turn.
    std::vector<std::string> addresses;
    // Instead of addresses: Sentinels, as for parse_sentinel(), and the name they have for the
    // master.
    std::vector<std::string> sentinels;
    std::string master_name = "mymaster";
    std::string password;           // of the master, where its address does not say one
    std::string sentinel_password;  // of the Sentinels
    std::string ca_file;  // for TLS: whom to trust, read at each connect; empty: the system's
    int database = 0;     // with Sentinels; otherwise the address says it

    std::string node;              // this node's id: one word, unique in the cluster
    std::string internal_address;  // "10.0.0.7:9080": told to others as the owner of sessions

    std::chrono::milliseconds connect_timeout{1'000};
    std::chrono::milliseconds command_timeout{1'000};
    std::chrono::milliseconds longest_backoff{2'000};

    // Lookups that come sooner after an earlier one are put to Redis together.
    std::chrono::microseconds gather{500};

    // How long entries of this node count after it was last heard of.
    std::chrono::milliseconds lease{15'000};
    // How often the lease is renewed and the other nodes are looked at.
    std::chrono::milliseconds renewal{1'000};
    // How long a node that vanished without a goodbye may still be at work, only cut off from
    // Redis: so long lookups answer nothing, and events go to every node.
    std::chrono::milliseconds grace{60'000};
    // How long after Redis was found empty, or restarted, or after this node was cut off from it,
    // other nodes may still be on their way back to it. More than longest_backoff, renewal and both
    // timeouts together. So long, too, lookups answer nothing.
    std::chrono::milliseconds settle{8'000};

    // All of these are called on the registry's threads and must not block.
    std::function<void(event const&)> on_event;
    std::function<void(state)> on_state;
    std::function<void(presence_change)> on_presence;
    // Whether another node has said that it is off the bus: what it publishes does not come here.
    std::function<void(bool)> on_others_off_bus;
};

}  // namespace broker::redis
