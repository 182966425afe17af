#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// What a SockJS client sends: a JSON array of strings (`["a","b"]`), over WebSocket also one bare
// string. Strict JSON: nothing else is a message.
//
// Decodes in place, since no escape is shorter than the character it stands for. Lone surrogates,
// which JavaScript strings may hold and UTF-8 may not, become U+FFFD.

namespace broker::transport::sockjs {

enum class decode_status : std::uint8_t {
    ok,
    empty,              // Nothing, or white space only.
    broken,             // Not JSON, or not an array of strings.
    not_an_array,       // One string, where only an array may stand.
    too_many_messages,  // More than max_messages_per_payload.
};

enum class payload_form : std::uint8_t { array, array_or_string };

inline constexpr std::size_t max_messages_per_payload = 65'536;

// `payload` must be UTF-8. On ok `messages` holds the texts, in order, as parts of `payload`; after
// anything else `payload` may have been changed and `messages` is empty.
decode_status decode_messages(std::span<char> payload, payload_form form,
                              std::vector<std::span<char>>& messages);

}  // namespace broker::transport::sockjs
