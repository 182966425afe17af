#pragma once

#include "broker/ports/clock.hpp"
#include "broker/unique_function.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// The messages of one xhr_send or jsonp_send on their way to the application.

namespace broker::transport::sockjs {

enum class send_outcome : std::uint8_t {
    accepted,  // every message reached the application, or came after it had closed
    gone,      // the session ended before
    busy,      // too many sends wait already
};

struct inbound_batch {
    std::vector<char> bytes;  // what `messages` look into
    std::vector<std::span<char>> messages;
    std::size_t next = 0;  // first one that has not been delivered
    steady_time since{};   // when the session took it
    unique_function<void(send_outcome)> done;
};

}  // namespace broker::transport::sockjs
