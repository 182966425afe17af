#pragma once

#include <string_view>

// Where SockJS 0.3.3 and the current SockJS say different things to the letter. Clients of either
// age understand both; test suites and proxies may not. See docs/decisions for the choices.

namespace broker::transport::sockjs {

struct dialect {
    std::string_view name;
    std::string_view no_cache;           // Cache-Control of everything that must not be cached
    std::string_view event_stream_type;  // Content-Type of eventsource
    std::string_view jsonp_prelude;      // before the callback's name
    bool credentials_without_origin;     // Allow-Credentials although no Origin asked
    bool iframe_waits_for_script;        // the iframe page is bootstrapped by the script's own call
};

inline constexpr dialect dialect_0_3_3{
    .name = "0.3.3",
    .no_cache = "no-store, no-cache, must-revalidate, max-age=0",
    .event_stream_type = "text/event-stream; charset=UTF-8",
    .jsonp_prelude = "",
    .credentials_without_origin = true,
    .iframe_waits_for_script = true,
};

inline constexpr dialect dialect_current{
    .name = "current",
    .no_cache = "no-store, no-cache, no-transform, must-revalidate, max-age=0",
    .event_stream_type = "text/event-stream",
    .jsonp_prelude = "/**/",
    .credentials_without_origin = false,
    .iframe_waits_for_script = false,
};

// Null if there is none of that name.
constexpr dialect const* find_dialect(std::string_view name) noexcept {
    if (name == dialect_0_3_3.name) return &dialect_0_3_3;
    if (name == dialect_current.name) return &dialect_current;
    return nullptr;
}

}  // namespace broker::transport::sockjs
