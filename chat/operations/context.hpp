#pragma once

#include "broker/ports/bus.hpp"
#include "broker/ports/user_sessions.hpp"
#include "chat/chat_options.hpp"
#include "chat/ports/message_writer.hpp"
#include "chat/ports/store.hpp"

// What the operations work with; owned by chat_module, the same for every thread.

namespace chat {

struct context {
    chat::store& store;
    broker::bus& bus;
    broker::user_sessions& sessions;
    chat_options options;
    message_writer* writer = nullptr;  // set before the first operation
};

}  // namespace chat
