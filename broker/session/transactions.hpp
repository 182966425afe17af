#pragma once

#include "broker/session/session_limits.hpp"
#include "stomp/frame.hpp"

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The open transactions of one session: SEND, ACK and NACK that wait for their COMMIT.
//
// Bounded in number, frames and bytes. Gone with the session: that is the roll-back.
// Used on the session's shard thread only.

namespace broker {

// A copy of a frame that outlives its buffer.
class kept_frame {
public:
    explicit kept_frame(stomp::frame const& original);

    stomp::frame const& frame() const noexcept { return frame_; }
    // What keeping it costs: its headers, their list and its body.
    static std::size_t bytes_of(stomp::frame const& frame) noexcept;

private:
    std::unique_ptr<char[]> text_;  // does not move with the object
    std::vector<stomp::header_view> headers_;
    stomp::frame frame_;
};

enum class transaction_errc : std::uint8_t {
    already_open = 1,  // BEGIN of a name that is open.
    not_open,          // COMMIT, ABORT or a frame of a name that is not open.
    too_many,          // One more than session_limits::max_transactions.
    too_many_frames,   // One more than session_limits::max_transaction_frames.
    too_many_bytes,    // The frame would exceed session_limits::max_transaction_bytes.
    name_too_long,     // It exceeds session_limits::max_id_bytes.
};

class transactions {
public:
    std::optional<transaction_errc> begin(std::string_view name, session_limits const& limits);
    std::optional<transaction_errc> keep(std::string_view name, stomp::frame const& frame,
                                         session_limits const& limits);
    // Removes the transaction and returns its frames, for COMMIT and ABORT. Nothing if not open.
    std::optional<std::vector<kept_frame>> take(std::string_view name);

    bool empty() const noexcept { return open_.empty(); }

private:
    struct transaction {
        std::string name;
        std::size_t bytes = 0;
        std::vector<kept_frame> frames;
    };
    transaction* find(std::string_view name) noexcept;

    std::vector<transaction> open_;
};

}  // namespace broker
