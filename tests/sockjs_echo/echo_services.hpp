#pragma once

#include "broker/transport/http.hpp"
#include "broker/transport/sockjs/service.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

// The services that the public SockJS and WebSocket conformance suites expect of a server.

namespace sockjs_echo {

struct settings {
    std::string sockjs_url;
    broker::transport::sockjs::dialect const* protocol = &broker::transport::sockjs::dialect_0_3_3;
    std::chrono::milliseconds heart_beat{25'000};
    std::chrono::milliseconds disconnect_delay{5'000};
};

// /echo, /disabled_websocket_echo, /cookie_needed_echo, /close and /amplify. They must outlive the
// use of `routes`.
std::vector<std::unique_ptr<broker::transport::sockjs::service>> add_services(
    broker::transport::http_routes& routes, settings const& wanted);

}  // namespace sockjs_echo
