#pragma once

#include "stomp/escape.hpp"
#include "stomp/frame.hpp"
#include "stomp/version.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Frames to bytes, appended to a caller's string.
//
// The result is well formed whatever the values hold: names and values are escaped as the version
// defines (never in CONNECT, STOMP, CONNECTED), and octets that it cannot spell become spaces, so
// no value can end a header or a frame. A header without a name is left out. Lines end with LF in
// every version.

namespace stomp {

// Appends a whole frame. A body is preceded by its content-length; a content-length among `headers`
// (handed through from somebody else's frame) is left out. An empty body has none.
void write_frame(std::string& out, version v, command c, std::span<header_view const> headers,
                 std::string_view body = {});
void write_frame(std::string& out, version v, command c, std::initializer_list<header_view> headers,
                 std::string_view body = {});

// The pieces of write_frame, for frames whose parts are shared: command line, headers, then the end
// (content-length if there is a body, blank line, body, NUL).
void append_command(std::string& out, command c);
void append_header(std::string& out, version v, command c, header_view h);
void append_end(std::string& out, std::string_view body);

// What an ERROR says. `message` is short; `details` is the body, for people.
struct error_content {
    std::string_view message{};
    std::string_view details{};
    std::optional<std::string_view> receipt_id{};  // the `receipt` of the frame that failed
    std::span<header_view const> more{};           // for example version:1.0,1.1,1.2
};

// Appends an ERROR with message, receipt-id, content-type:text/plain and content-length.
void write_error(std::string& out, version v, error_content const& content);

}  // namespace stomp
