#pragma once

#include "chat/json/notice_json.hpp"
#include "chat/refusal.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// The JSON bodies of the console's requests. Pure.

namespace node::console {

inline constexpr std::size_t reason_length = 500;  // code points

// Of a ban: {"reason":"…"}, at most reason_length; empty where there is none.
chat::checked<std::string> decode_reason(std::string_view body);

// {"to":"all"|"user"|"room","id":7,"message":{"eventType":"…",…}}
chat::checked<chat::json::notice> decode_broadcast(std::string_view body);

}  // namespace node::console
