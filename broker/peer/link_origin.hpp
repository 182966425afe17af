#pragma once

#include "broker/limiting/client_address.hpp"
#include "broker/limiting/limiter.hpp"
#include "broker/ports/authenticator.hpp"

#include <optional>

// What is known of a client when its link is made.

namespace broker {

struct link_origin {
    credentials handshake{};        // for a CONNECT that brings none of its own
    limiting::session_pass pass{};  // what it holds of the limits
    std::optional<limiting::client_address> address{};
};

}  // namespace broker
