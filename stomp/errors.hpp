#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string_view>

// What can be wrong with what a peer sent. Every value has one short text; it serves as the
// `message` header of ERROR and in logs.

namespace stomp {

enum class errc : std::uint8_t {
    // framing: the stream is out of step afterwards, so the connection must end
    unknown_command = 1,     // The first line of a frame is none of the protocol's commands.
    malformed_header,        // A header line has no ':' or no name before it.
    nul_in_head,             // A NUL stands before the blank line that ends the head.
    stray_octet,             // Something other than line ends stands between two frames.
    undefined_escape,        // A backslash is followed by what this version does not define.
    head_not_utf8,           // The command or a header is not valid UTF-8.
    invalid_content_length,  // The content-length is not a decimal number.
    missing_terminator,      // The body of content-length octets is not followed by NUL.
    body_not_allowed,        // Only SEND, MESSAGE and ERROR may have a body.
    // limits
    header_line_too_long,  // A header line exceeds limits::max_header_line.
    too_many_headers,      // A frame has more headers than limits::max_header_count.
    headers_too_large,     // The head of a frame exceeds limits::max_headers_total.
    body_too_large,        // A body, or its announced length, exceeds limits::max_body.
    // values
    version_not_supported,  // The accept-version list has no version in common with ours.
    invalid_heart_beat,     // A heart-beat header is not two non-negative numbers.
    invalid_ack_mode,       // An ack header is none of auto, client, client-individual.
};

// Short, fit for the `message` header of ERROR: "unknown command".
std::string_view text(errc code) noexcept;

// True for what a configured limit refuses (WebSocket close code 1009 rather than 1002).
constexpr bool is_limit(errc code) noexcept {
    return code >= errc::header_line_too_long && code <= errc::body_too_large;
}

boost::system::error_category const& error_category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

}  // namespace stomp

template <>
struct boost::system::is_error_code_enum<stomp::errc> : std::true_type {};
