#pragma once

#include "broker/auth/auth_options.hpp"
#include "broker/transport/transport_server.hpp"
#include "chat/outside/outbox_relay.hpp"
#include "persistence/storage.hpp"

#include <string>

// The options of parts that tell what happens to them, with the event log as the listener: parts do
// not know that there is a log.

namespace node {

broker::auth::auth_options logged(broker::auth::auth_options options);
persistence::storage_options logged(persistence::storage_options options);
chat::relay_options logged(chat::relay_options options);
// A line per request; those below `sockjs_path` are told as SockJS' are.
broker::transport::transport_options logged(broker::transport::transport_options options,
                                            std::string sockjs_path);

}  // namespace node
