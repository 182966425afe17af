#pragma once

#include <cstddef>

// What of the chat is configured.

namespace chat {

struct chat_options {
    std::size_t max_content_length = 5000;  // code points of a message's content
};

}  // namespace chat
