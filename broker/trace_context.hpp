#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "stomp/frame.hpp"

// Which trace a request belongs to: the headers traceparent and tracestate of the W3C's Trace
// Context, level 1 with the keys of level 2. Taken from a SEND or an HTTP request and given to the
// MESSAGE that comes of it as they are: this node adds no span of its own.

namespace broker {

inline constexpr std::string_view traceparent_name = "traceparent";
inline constexpr std::string_view tracestate_name = "tracestate";

// Views into what was parsed.
struct traceparent {
    std::string_view trace_id;   // 32 hexadecimal digits in lower case, not all zero
    std::string_view parent_id;  // 16 of them
    bool sampled = false;
};

// Nothing if it is not valid. Of a version above 00 what is known of it is read.
std::optional<traceparent> parse_traceparent(std::string_view text) noexcept;

// At most 512 characters and 32 members, no key twice.
bool is_tracestate(std::string_view text) noexcept;

struct trace_context {
    std::string parent;  // valid
    std::string state;   // valid, or empty

    std::string_view trace_id() const noexcept { return std::string_view(parent).substr(3, 32); }
};

// Null: no trace. Shared, as a message on its way is copied and moved.
using trace_ptr = std::shared_ptr<trace_context const>;

// From both values as they came. Null if the first is not valid; a second that is not is left out.
trace_ptr make_trace(std::string_view parent, std::string_view state);

// From a frame's headers; null, and nothing is allocated, without a valid traceparent.
trace_ptr trace_of(stomp::frame const& frame);

}  // namespace broker
