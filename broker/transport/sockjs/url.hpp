#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Where below a service's prefix a request goes.

namespace broker::transport::sockjs {

enum class place : std::uint8_t {
    greeting,       // "" or "/"
    info,           // "/info"
    iframe,         // "/iframe.html", "/iframe-1.2.3.html", ...
    raw_websocket,  // "/websocket"
    session,        // "/<server>/<session>/<transport>"
    nowhere,
};

// Views into the path that was parsed; segments stay percent-encoded.
struct service_url {
    place where = place::nowhere;
    std::string_view session_id;  // of a session
    std::string_view transport;   // of a session; not looked up yet
};

// `rest` is the path after the prefix.
service_url parse_url(std::string_view rest) noexcept;

// The decoded value of the first `name` in "a=1&b=2"; '+' is a space.
std::optional<std::string> form_value(std::string_view form, std::string_view name);

}  // namespace broker::transport::sockjs
