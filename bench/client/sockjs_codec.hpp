#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// SockJS's frames as its WebSocket transport carries them, and the JSON strings in them. Pure.

namespace bench {

enum class sockjs_frame : std::uint8_t {
    open,        // o
    heart_beat,  // h
    messages,    // a["...","..."] or m"..."
    close,       // c[3000,"Go away!"]
    nothing,     // an empty one
    broken,
};

// What a WebSocket message is; `content` is what follows the first character.
sockjs_frame read_sockjs_frame(std::string_view message, std::string_view& content) noexcept;

// "3000 Go away!" of [3000,"Go away!"], for people.
std::string describe_sockjs_close(std::string_view content);

// The strings of a JSON array of strings, or a single string, one after the other.
class json_strings {
public:
    explicit json_strings(std::string_view text) noexcept : rest_(text) {}

    // Valid until the next call and while the text and `scratch` stay; nothing at the end, or when
    // the text is broken there.
    std::optional<std::string_view> next(std::string& scratch);
    bool broken() const noexcept { return at_ == place::broken; }

private:
    enum class place : std::uint8_t { start, in_array, end, broken };

    void skip_blanks() noexcept;
    std::optional<std::string_view> fail() noexcept;
    // Behind an opening quote: decodes up to the closing one.
    std::optional<std::string_view> take_string(std::string& scratch);

    std::string_view rest_;
    place at_ = place::start;
};

// ["..."] with one string, as a client sends it.
void append_sockjs_message(std::string& out, std::string_view text);
// The string alone, in quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace bench
