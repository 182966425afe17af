#include "broker/transport/sockjs/shard_context.hpp"

#include "broker/transport/loop.hpp"

#include <stdexcept>

namespace broker::transport::sockjs {

shard_context current_loop(http_exchange&) {
    auto* const here = loop::current();
    if (here == nullptr) throw std::logic_error("SockJS request outside of a shard's loop");
    return {.home = *here, .timers = here->timers(), .now = [here] { return here->now(); }};
}

}  // namespace broker::transport::sockjs
