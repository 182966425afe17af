#pragma once

#include "broker/ports/clock.hpp"
#include "broker/ports/executor.hpp"

#include <functional>

// What SockJS sessions need of the shard they live on.

namespace broker::transport {

class http_exchange;
class timer_wheel;

namespace sockjs {

struct shard_context {
    executor& home;
    timer_wheel& timers;
    std::function<steady_time()> now;
};

// The context of the shard that `exchange` lives on; called on its thread, once per shard.
using shard_context_source = std::function<shard_context(http_exchange& exchange)>;

// Of the loop that runs on this thread. Throws std::logic_error where none runs.
shard_context current_loop(http_exchange& exchange);

}  // namespace sockjs
}  // namespace broker::transport
