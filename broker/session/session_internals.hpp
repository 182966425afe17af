#pragma once

#include "broker/session/session.hpp"
#include "stomp/frame_writer.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// What the files of the session share among themselves.

namespace broker {

struct session::incoming {
    stomp::frame const& frame;
    steady_time now;
    std::uint64_t number;  // counted from 1; of a frame within a COMMIT: the COMMIT's
    // What the client wants to hear of; of a frame within a COMMIT: the COMMIT's.
    std::optional<std::string_view> receipt;
    actions& out;
    commit_number commit = commit_number::none;
};

struct session::refusal {
    close_reason reason = close_reason::protocol_error;
    std::string message;    // short, the ERROR's message header
    std::string detail;     // what, why and which, without the full stop
    std::string code = {};  // stable, for programs; where there is one
    std::optional<std::chrono::milliseconds> retry_after = {};
};

// Where fresh credentials are sent to.
inline constexpr std::string_view refresh_destination = "/app/auth.refresh";

// Client-sent text inside an ERROR's sentence: 'text', shortened.
std::string quoted(std::string_view text);

// A sentence of somebody else's, to be continued.
std::string sentence_without_stop(std::string_view sentence);

// Why a session ends whose credentials are refused with this code.
close_reason reason_of_login(std::string_view refusal_code) noexcept;

// Why a session ends that is refused with this code: trouble of the store's is the node's fault,
// and another try may do better.
close_reason reason_of(std::string_view refusal_code) noexcept;

// ' (frame 17).'
std::string frame_reference(std::uint64_t number);

}  // namespace broker
