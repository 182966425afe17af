#pragma once

#include "bench/measure/stamp.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The JSON of a chat server's clients.

namespace bench {

inline constexpr std::string_view send_message_destination = "/app/chat.sendMessage";
inline constexpr std::string_view join_destination = "/app/chat.join";
inline constexpr std::string_view leave_destination = "/app/chat.leave";
inline constexpr std::string_view typing_destination = "/app/chat.typing";
inline constexpr std::string_view read_destination = "/app/chat.read";
inline constexpr std::string_view direct_destination = "/app/chat.send";

// A message to a room whose content is `content_bytes` long and has room for a stamp.
stamped_text chat_body(std::uint64_t room, std::uint64_t sender, std::size_t content_bytes);

std::string join_body(std::uint64_t room, std::uint64_t sender);
std::string leave_body(std::uint64_t room, std::uint64_t sender);
std::string typing_body(std::uint64_t room, std::uint64_t sender);
std::string read_body(std::uint64_t room, std::uint64_t reader, std::uint64_t last_read_seq);

stamped_text direct_body(std::uint64_t to, std::size_t content_bytes);

}  // namespace bench
