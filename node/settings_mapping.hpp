#pragma once

#include "broker/auth/access_rules.hpp"
#include "broker/auth/auth_options.hpp"
#include "broker/limiting/limiter.hpp"
#include "broker/peer/endpoints.hpp"
#include "broker/registry/redis/redis_options.hpp"
#include "broker/session/session_limits.hpp"
#include "broker/transport/sockjs/service_options.hpp"
#include "broker/transport/transport_server.hpp"
#include "chat/chat_module.hpp"
#include "config/settings.hpp"
#include "node/console/console.hpp"
#include "persistence/storage.hpp"
#include "rabbitmq/options.hpp"

#include <vector>

// The configuration in the words of each part. Pure.

namespace node {

broker::session_limits session_limits_of(config::settings const& from);
broker::websocket_endpoint websocket_endpoint_of(config::settings const& from);
broker::transport::sockjs::service_options sockjs_options_of(config::settings const& from);
broker::transport::listener_options internal_listener_options_of(
    config::cluster_settings const& from);
broker::transport::transport_options transport_options_of(config::settings const& from);
broker::transport::listener_options listener_options_of(config::listener_settings const& from);
broker::limiting::limits limits_of(config::limit_settings const& from);
broker::limiting::trusted_proxies trusted_proxies_of(config::http_settings const& from);
broker::auth::auth_options auth_options_of(config::auth_settings const& from);
std::vector<broker::auth::access_rule> access_rules_of(config::broker_settings const& from);
persistence::storage_options storage_options_of(config::settings const& from);
rabbitmq::options rabbitmq_options_of(config::rabbitmq_settings const& from);
broker::redis::options redis_options_of(config::redis_settings const& from);
// Without what only the node itself knows.
console::options console_options_of(config::settings const& from);
chat::chat_options chat_options_of(config::chat_settings const& from);

}  // namespace node
