#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// SockJS frames, server to client: `o`, `h`, `a["...",...]`, `c[code,"reason"]`.
//
// Text is expected to be UTF-8 and goes through as it is, but for what JSON wants escaped and for
// the characters that browsers were seen to mangle: U+200C-200F, U+2028-202F, U+2060-206F and
// U+FFF0-FFFF.

namespace broker::transport::sockjs {

inline constexpr std::string_view open_frame = "o";
inline constexpr std::string_view heart_beat_frame = "h";

// Appends `text` as the inside of a JSON string.
void append_escaped(std::string& out, std::string_view text);

// Builds `a[...]` message by message.
class message_frame {
public:
    // Room for `expected` bytes of text is made at once.
    explicit message_frame(std::size_t expected);

    void add(std::string_view head, std::string_view tail);

    std::size_t size() const noexcept { return text_.size(); }
    // The whole frame; this object is spent.
    std::string take();

private:
    std::string text_;
};

// `a["<head><tail>"]`
std::string encode_message(std::string_view head, std::string_view tail);

// `c[code,"reason"]`. What is not UTF-8 in `reason` is replaced.
std::string encode_close(std::uint16_t code, std::string_view reason);

// A frame as a JavaScript string literal with its quotes, for the transports that run it as a
// script. Inside HTML `<` is escaped too: no message may end the script element.
enum class script_host : std::uint8_t { javascript, html };
std::string as_script_string(std::string_view frame, script_host host);

}  // namespace broker::transport::sockjs
