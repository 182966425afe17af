#pragma once

#include "broker/transport/tcp_handler.hpp"

#include <memory>

// STOMP over a plain byte stream: TCP or TLS.

namespace broker {

class shard;

std::unique_ptr<transport::tcp_handler> make_tcp_link(shard& where);

}  // namespace broker
