#pragma once

#include "broker/transport/transport_server.hpp"
#include "chat/ports/message_writer.hpp"
#include "chat/ports/store.hpp"
#include "config/settings.hpp"
#include "node/health/monitor.hpp"

#include <memory>

// The canaries of this node's own parts. Those of its neighbours are added by them.

namespace node::health {

monitor::options monitor_options_of(config::health_settings const& from);

// A ping for each event loop.
void watch_loops(monitor& by, broker::transport::transport_server& loops);
// A transaction on the writer's connection, and one of the readers.
void watch_store(monitor& by, config::health_settings const& how, chat::message_writer& writer,
                 chat::store& store);

}  // namespace node::health
