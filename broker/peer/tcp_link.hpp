#pragma once

#include "broker/transport/tcp_handler.hpp"

#include <memory>
#include <string_view>

// STOMP over a plain byte stream: TCP or TLS.

namespace broker {

class shard;

// `peer_address`: "192.0.2.1:55012". When the limits leave no room for one more, the client is told
// so in an ERROR.
std::unique_ptr<transport::tcp_handler> make_tcp_link(shard& where, std::string_view peer_address);

}  // namespace broker
