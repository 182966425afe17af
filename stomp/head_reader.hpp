#pragma once

#include "stomp/command.hpp"
#include "stomp/frame_parser.hpp"
#include "stomp/limits.hpp"
#include "stomp/version.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

// The head of a frame: command line, header lines, blank line. Internal to the parser.

namespace stomp::detail {

inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// Splits a head into lines, resuming where the bytes ended last time. Every check depends only on
// the bytes up to the line it concerns, so the result is the same however they are cut.
class head_reader {
public:
    explicit head_reader(std::optional<version> v) noexcept : version_(v) {}

    struct incomplete {};
    struct complete {
        std::size_t size;  // bytes of the head, the blank line included
    };
    using progress = std::variant<incomplete, complete, parse_error>;

    // `frame` starts at the frame's first byte; `size` bytes of it are there, those of earlier
    // calls included. Appends the headers of the lines completed in this call to `headers`, not
    // unescaped.
    progress advance(char const* frame, std::size_t size, limits const& bounds,
                     std::vector<header_view>& headers);

    stomp::command command() const noexcept { return command_; }

    // The value of the first `receipt` among the lines accepted so far, unescaped in `frame`; empty
    // if there is none. For an ERROR about this frame, whose headers are not looked at afterwards.
    std::string_view find_receipt(char* frame) const noexcept;

    // True if some name or value holds an escape that must be resolved.
    bool has_escapes() const noexcept { return has_backslash_ && unescapes(); }

    // True if some octet is not ASCII.
    bool has_high_bit() const noexcept { return has_high_bit_; }

    // The version whose rules apply to escapes and line ends: before negotiation the most recent.
    version rules() const noexcept { return version_.value_or(version::v1_2); }
    std::optional<version> negotiated() const noexcept { return version_; }

private:
    bool accepts_crlf() const noexcept { return rules() == version::v1_2; }
    bool unescapes() const noexcept { return rules() != version::v1_0 && !is_handshake(command_); }
    std::size_t scan_line(char const* frame, std::size_t end) noexcept;
    std::optional<parse_error> accept_line(std::string_view line, limits const& bounds,
                                           std::vector<header_view>& headers);
    parse_error overlong(char const* frame, std::size_t end, limits const& bounds) const noexcept;

    std::size_t line_begin_ = 0;
    std::size_t scanned_ = 0;      // everything before is looked at
    std::size_t colon_ = nowhere;  // the first ':' of the current line
    std::size_t header_count_ = 0;
    std::optional<version> version_;
    stomp::command command_{};
    bool has_command_ = false;
    bool line_has_backslash_ = false;
    bool has_backslash_ = false;
    bool has_high_bit_ = false;
};

// What the head says about the body.
struct body_plan {
    std::optional<std::size_t> content_length;
    bool allowed = true;
};

// Checks a complete head and trims the padding of a 1.0 one. `head` is the whole head.
std::variant<body_plan, parse_error> finish_head(head_reader const& reader, std::string_view head,
                                                 limits const& bounds,
                                                 std::vector<header_view>& headers);

// Resolves the escapes of all headers in the buffer that they view.
void unescape_headers(std::vector<header_view>& headers, version v) noexcept;

}  // namespace stomp::detail
