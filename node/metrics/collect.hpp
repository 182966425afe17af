#pragma once

#include "broker/limiting/limiter.hpp"
#include "broker/registry/redis/redis_registry.hpp"
#include "chat/outside/outbox_relay.hpp"
#include "node/health/monitor.hpp"
#include "node/metrics/auth_metrics.hpp"
#include "node/metrics/link_states.hpp"
#include "node/metrics/page.hpp"
#include "node/metrics/process_figures.hpp"
#include "persistence/storage.hpp"
#include "rabbitmq/options.hpp"

#include <string_view>

// What each part of the node counts, put under the names of the catalogue. Any thread: they read,
// and disturb nobody.

namespace broker::transport {
class transport_server;
}  // namespace broker::transport

namespace node {

void add_process(metrics_page& to, process_figures const& figures);
// The shards of the server together, and its sockets.
void add_shards(metrics_page& to, broker::transport::transport_server& server);
void add_health(metrics_page& to, health::monitor::summary const& known);
// Credentials: what the authenticator refused, and what a limit refused before it was asked.
void add_auth(metrics_page& to, counting_authenticator const& figures,
              broker::limiting::limiter const& limits);
void add_limits(metrics_page& to, broker::limiting::limiter const& figures);
void add_store(metrics_page& to, persistence::storage_figures const& figures);
void add_outbox(metrics_page& to, chat::relay_counts const& figures);
void add_bus(metrics_page& to, rabbitmq::counters const& figures, link_states const& links);
void add_registry(metrics_page& to, broker::redis_registry::figures const& figures,
                  link_states const& links);

}  // namespace node
