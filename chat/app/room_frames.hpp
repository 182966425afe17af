#pragma once

#include "chat/app/app_call.hpp"

// The SENDs about a room. On the session's shard.

namespace chat::app {

// /app/chat.sendMessage and /app/room/{id}/send: acts by the frame's messageType, CHAT if there is
// none.
broker::app_flow on_send_message(app_call& call);
broker::app_flow on_join(app_call& call);    // /app/chat.join
broker::app_flow on_leave(app_call& call);   // /app/chat.leave
broker::app_flow on_typing(app_call& call);  // /app/chat.typing
broker::app_flow on_read(app_call& call);    // /app/chat.read

}  // namespace chat::app
