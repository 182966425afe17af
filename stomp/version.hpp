#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

// The protocol versions, their negotiation (STOMP 1.2, "Protocol Negotiation") and their WebSocket
// subprotocol names.

namespace stomp {

enum class version : std::uint8_t { v1_0, v1_1, v1_2 };

// What the `version` header of an ERROR lists when no version is in common.
inline constexpr std::string_view supported_versions = "1.0,1.1,1.2";

// "1.0", "1.1", "1.2": the value of CONNECTED's `version` header.
constexpr std::string_view to_string(version v) noexcept {
    constexpr std::string_view names[] = {"1.0", "1.1", "1.2"};
    return names[static_cast<std::size_t>(v)];
}

// The highest version that both sides speak. Without the header the client speaks 1.0. The order of
// the list does not matter (clients send it either way); unknown versions are skipped.
// Fails with errc::version_not_supported.
boost::system::result<version> negotiate(std::optional<std::string_view> accept_version);

// "v10.stomp", "v11.stomp", "v12.stomp".
constexpr std::string_view subprotocol_name(version v) noexcept {
    constexpr std::string_view names[] = {"v10.stomp", "v11.stomp", "v12.stomp"};
    return names[static_cast<std::size_t>(v)];
}

// The version of one subprotocol name; nothing for a name that is not ours. Names are compared
// without regard to case.
std::optional<version> version_of_subprotocol(std::string_view name) noexcept;

// Chooses from a Sec-WebSocket-Protocol value ("v12.stomp, v11.stomp"): the first name that is
// ours, since the client lists them in order of preference. Nothing if there is none.
std::optional<version> choose_subprotocol(std::string_view offered) noexcept;

}  // namespace stomp
