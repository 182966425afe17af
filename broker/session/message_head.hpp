#pragma once

#include "stomp/version.hpp"

#include <optional>
#include <string>
#include <string_view>

// The front of a MESSAGE frame, that which differs between subscribers. message::tail() follows.

namespace broker {

// "MESSAGE\nsubscription:ID\nack:TAG\nredelivered:true\n", each line but the first only if it
// applies; values escaped for the version.
std::string make_message_head(stomp::version version, std::optional<std::string_view> subscription,
                              std::optional<std::string_view> ack = std::nullopt,
                              bool redelivered = false);

}  // namespace broker
