#pragma once

#include <string_view>

// The transports of SockJS as logs, metrics and connection::transport_name() call them.

namespace broker::transport::sockjs::transport_names {

inline constexpr std::string_view websocket = "sockjs-websocket";
inline constexpr std::string_view raw_websocket = "sockjs-websocket-raw";
inline constexpr std::string_view xhr = "sockjs-xhr-polling";
inline constexpr std::string_view xhr_streaming = "sockjs-xhr-streaming";
inline constexpr std::string_view eventsource = "sockjs-eventsource";
inline constexpr std::string_view htmlfile = "sockjs-htmlfile";
inline constexpr std::string_view jsonp = "sockjs-jsonp-polling";

}  // namespace broker::transport::sockjs::transport_names
