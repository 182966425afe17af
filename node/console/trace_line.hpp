#pragma once

#include "broker/frame_trace.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

// What of a frame is shown in a trace: one line of JSON with its headers, never its body, and no
// header that could hold a secret. Pure.

namespace node::console {

// With a line feed at its end.
std::string trace_line(std::chrono::system_clock::time_point when, broker::seen_frame const& what);
std::string skipped_line(std::uint64_t count);

// A header that is left out, by its name, in any case: passcodes, tokens, cookies.
bool is_secret_name(std::string_view name) noexcept;
// A value that looks like a credential wherever it stands: a token, or what an Authorization header
// has. Shown as "(hidden)".
bool is_secret_value(std::string_view value) noexcept;

}  // namespace node::console
