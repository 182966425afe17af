#pragma once

#include "broker/ports/metrics.hpp"

#include <atomic>

// How the links to other nodes are, as they last said. Set on the links' threads, read by any.

namespace node {

struct link_states {
    std::atomic<bool> publisher_up{false};
    std::atomic<bool> consumer_up{false};
    std::atomic<bool> blocked{false};  // RabbitMQ takes nothing
    std::atomic<bool> backlog{false};  // RabbitMQ is too slow
    std::atomic<bool> registry_up{false};
    broker::metrics::shared_counter registry_losses;

    void set_registry(bool up) {
        if (registry_up.exchange(up) && !up) registry_losses.add();
    }
};

}  // namespace node
