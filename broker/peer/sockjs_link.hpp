#pragma once

#include "broker/peer/link_origin.hpp"
#include "broker/transport/sockjs/handler.hpp"

#include <memory>

// STOMP over SockJS, whatever transport the client found: one STOMP frame is one SockJS message
// outward.

namespace broker {

class shard;

std::unique_ptr<transport::sockjs::handler> make_sockjs_link(shard& where, link_origin from);

}  // namespace broker
