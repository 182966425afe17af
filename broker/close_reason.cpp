#include "broker/close_reason.hpp"

#include <array>
#include <cstddef>

namespace broker {
namespace {

constexpr std::array rows{
    close_reason_row{close_reason::client_disconnect, 1000, "goodbye", "client_disconnect", true},
    close_reason_row{close_reason::peer_gone, 1006, "connection lost", "peer_gone", true},
    close_reason_row{close_reason::protocol_error, 1002, "protocol error", "protocol_error", false},
    close_reason_row{close_reason::unsupported_data, 1007, "text is not UTF-8", "unsupported_data",
                     false},
    close_reason_row{close_reason::message_too_big, 1009, "message too big", "message_too_big",
                     false},
    close_reason_row{close_reason::connect_timeout, 4001, "no CONNECT in time", "connect_timeout",
                     true},
    close_reason_row{close_reason::heart_beat_missed, 4002, "heart-beat missed",
                     "heart_beat_missed", true},
    close_reason_row{close_reason::ping_timeout, 4003, "ping not answered", "ping_timeout", true},
    close_reason_row{close_reason::slow_consumer, 4008, "outbound queue limit exceeded",
                     "slow_consumer", true},
    close_reason_row{close_reason::credentials_refused, 4010, "credentials refused",
                     "credentials_refused", false},
    close_reason_row{close_reason::credentials_expired, 4011, "credentials expired",
                     "credentials_expired", false},
    close_reason_row{close_reason::access_denied, 4013, "access denied", "access_denied", false},
    close_reason_row{close_reason::too_many_sessions, 4029, "too many connections",
                     "too_many_sessions", false},
    close_reason_row{close_reason::rate_limited, 4030, "too much at once", "rate_limited", false},
    close_reason_row{close_reason::kicked, 4031, "closed by an operator", "kicked", true},
    close_reason_row{close_reason::banned, 4032, "banned", "banned", false},
    close_reason_row{close_reason::server_drain, 1012, "server restarts", "server_drain", true},
    close_reason_row{close_reason::internal_error, 1011, "internal error", "internal_error", true},
};

consteval bool rows_follow_the_enum() {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (static_cast<std::size_t>(rows[i].reason) != i) return false;
    }
    return rows.size() == static_cast<std::size_t>(close_reason::internal_error) + 1;
}
static_assert(rows_follow_the_enum());

}  // namespace

close_reason_row const& describe(close_reason reason) noexcept {
    return rows[static_cast<std::size_t>(reason)];
}

}  // namespace broker
