#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

// How a subscription's deliveries are acknowledged (STOMP 1.2, "SUBSCRIBE ack Header").

namespace stomp {

enum class ack_mode : std::uint8_t {
    automatic,          // "auto": settled when sent
    client,             // an ACK settles every older delivery of its subscription too
    client_individual,  // an ACK settles one delivery
};

// The header's value: "auto", "client", "client-individual".
constexpr std::string_view to_string(ack_mode mode) noexcept {
    constexpr std::string_view names[] = {"auto", "client", "client-individual"};
    return names[static_cast<std::size_t>(mode)];
}

// Reads SUBSCRIBE's `ack` header; missing means automatic. client-individual is accepted in 1.0
// too, where it is unknown to the specification but in use. Fails with errc::invalid_ack_mode.
boost::system::result<ack_mode> parse_ack_mode(std::optional<std::string_view> header);

}  // namespace stomp
