#pragma once

#include <cstdint>
#include <string_view>

// Why a connection ends. One table for the wire, the logs and the metrics.

namespace broker {

enum class close_reason : std::uint8_t {
    client_disconnect,
    peer_gone,
    protocol_error,
    unsupported_data,
    message_too_big,
    connect_timeout,
    heart_beat_missed,
    ping_timeout,
    slow_consumer,
    credentials_refused,
    credentials_expired,
    access_denied,
    too_many_sessions,
    rate_limited,
    kicked,
    banned,
    server_drain,
    internal_error,
};

struct close_reason_row {
    close_reason reason;
    std::uint16_t websocket_code;  // RFC 6455 §7.4; 4000-4999 are ours
    std::string_view text;         // for the close frame and an ERROR's message header
    std::string_view label;        // for logs and metrics
    bool may_reconnect;            // would the same client do better at once?
};

close_reason_row const& describe(close_reason reason) noexcept;

}  // namespace broker
