#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Where STOMP frames begin and end in what servers send, and the writing of a client's. Pure.

namespace bench {

// Takes the next whole frame off `bytes`, and the ends of line before it (heart-beats). The frame
// comes without its NUL; it ends by its content-length if it has one, else at the first NUL. False
// while it is incomplete.
bool take_frame(std::string_view& bytes, std::string_view& frame) noexcept;

// A frame's end without content-length for what comes in messages: true when `message` is one frame
// and nothing else but ends of line, so that its first NUL is its last.
bool is_one_frame(std::string_view message, std::string_view& frame) noexcept;

// Only \n and \r: a heart-beat.
bool is_heart_beat(std::string_view bytes) noexcept;

enum class server_command : std::uint8_t { connected, message, receipt, error, unknown };
server_command command_of(std::string_view frame) noexcept;

// The first header of this name, as on the wire; empty when it is missing.
std::string_view header_of(std::string_view frame, std::string_view name) noexcept;
std::string_view body_of(std::string_view frame) noexcept;

// "name:value\n" with STOMP 1.2's escapes in the value, or none for 1.0, which has none.
void append_header(std::string& out, std::string_view name, std::string_view value, bool escapes);

}  // namespace bench
