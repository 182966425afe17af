#pragma once

#include "broker/peer/link_origin.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/websocket_handler.hpp"

#include <memory>

// STOMP over plain WebSocket: one STOMP frame is one message outward; inward frames may be cut and
// joined in any way.

namespace broker {

class shard;

std::unique_ptr<transport::websocket_handler> make_websocket_link(shard& where, link_origin from);

}  // namespace broker
