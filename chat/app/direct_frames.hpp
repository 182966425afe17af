#pragma once

#include "chat/app/app_call.hpp"

// The SENDs to a user. On the session's shard.

namespace chat::app {

broker::app_flow on_send_direct(app_call& call);  // /app/chat.send

}  // namespace chat::app
