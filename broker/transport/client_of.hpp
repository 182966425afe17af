#pragma once

#include "broker/limiting/client_address.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/peer_address.hpp"

// Who sent a request: its socket's peer, or, behind trusted proxies, whom they say they speak for.

namespace broker::transport {

limiting::client_address client_of(http_request const& request,
                                   limiting::trusted_proxies const& proxies);

limiting::client_address client_of(peer_address const& peer);

}  // namespace broker::transport
