#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <string>

// A listener with the port that it really has.

namespace node {

struct bound_listener {
    config::listener_protocol protocol;
    bool tls;
    config::listen_address address;

    bool http() const noexcept { return protocol == config::listener_protocol::http; }
    // "https://[::1]:8443", of one for HTTP.
    std::string url() const { return (tls ? "https://" : "http://") + to_string(address); }
};

}  // namespace node
