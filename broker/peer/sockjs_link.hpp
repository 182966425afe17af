#pragma once

#include "broker/ports/authenticator.hpp"
#include "broker/transport/sockjs/handler.hpp"

#include <memory>

// STOMP over SockJS, whatever transport the client found: one STOMP frame is one SockJS message
// outward.

namespace broker {

class shard;

std::unique_ptr<transport::sockjs::handler> make_sockjs_link(shard& where, credentials handshake);

}  // namespace broker
