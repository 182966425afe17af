#pragma once

#include <cstddef>
#include <functional>

// What of the chat is configured.

namespace chat {

struct chat_options {
    std::size_t max_content_length = 5000;  // code points of a message's content
    // Called after each commit that stored something, on the writer's or a database thread; for
    // outbox_relay::wake().
    std::function<void()> on_stored{};
};

}  // namespace chat
