#include "node/settings_mapping.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace node {
namespace {

// Of a frame that came too early, so that it can be told so.
constexpr std::size_t early_body = 4 * 1024UL;

std::chrono::milliseconds to_ms(config::duration value) {
    return value;
}
std::size_t to_bytes(config::byte_size value) {
    return value.bytes();
}

unsigned to_seconds(config::duration value) {
    return static_cast<unsigned>(std::chrono::ceil<std::chrono::seconds>(to_ms(value)).count());
}

broker::limiting::rate rate_of(config::frequency often, std::uint32_t burst) {
    if (often.count == 0) return {};
    return {.interval = std::chrono::nanoseconds(often.per) / often.count, .burst = burst};
}

}  // namespace

broker::session_limits session_limits_of(config::settings const& from) {
    auto const& before = from.limits.pre_connect;
    auto const& frame = from.limits.frame;
    auto const& session = from.limits.session;
    broker::session_limits out;
    out.frames_before_connect = {.max_header_count = before.max_headers,
                                 .max_header_line = to_bytes(before.max_frame),
                                 .max_headers_total = to_bytes(before.max_frame),
                                 .max_body = std::min(to_bytes(before.max_frame), early_body)};
    out.frames = {.max_header_count = frame.max_headers,
                  .max_header_line = to_bytes(frame.max_header_line),
                  .max_headers_total = to_bytes(frame.max_headers_size),
                  .max_body = to_bytes(frame.max_body)};
    out.connect_timeout = to_ms(before.deadline);
    out.heart_beat_send_every = to_ms(from.stomp.heart_beat_send);
    out.heart_beat_want_every = to_ms(from.stomp.heart_beat_receive);
    out.heart_beat_grace = to_ms(from.stomp.heart_beat_grace);
    out.heart_beat_patience_with_pings = to_ms(from.stomp.heart_beat_patience);
    out.max_subscriptions = session.max_subscriptions;
    out.max_app_sends_in_flight = session.max_app_sends_in_flight;
    out.max_pending_acks = session.max_pending_acks;
    out.max_delivery_attempts = session.max_delivery_attempts;
    out.max_transactions = session.max_transactions;
    out.max_transaction_frames = session.max_transaction_frames;
    out.max_transaction_bytes = to_bytes(session.max_transaction_size);
    return out;
}

broker::websocket_endpoint websocket_endpoint_of(config::settings const& from) {
    auto const& limits = from.limits.websocket;
    broker::websocket_endpoint out;
    out.path = from.http.websocket_path;
    out.allowed_origins = from.http.allowed_origins;
    out.options = {.max_message_bytes = to_bytes(limits.max_message),
                   .outbound_bytes = to_bytes(from.limits.outbound.queue),
                   .permessage_deflate = limits.permessage_deflate,
                   .deflate_threshold = to_bytes(limits.deflate_threshold),
                   .ping_interval_s = to_seconds(limits.ping_interval),
                   .ping_timeout_s = to_seconds(limits.ping_timeout)};
    return out;
}

broker::transport::sockjs::service_options sockjs_options_of(config::settings const& from) {
    broker::transport::sockjs::service_options out;
    out.prefix = from.sockjs.path;
    out.websocket = from.sockjs.websocket;
    out.jsessionid = from.sockjs.session_cookie;
    out.sockjs_url = from.sockjs.client_url;
    out.allowed_origins = from.http.allowed_origins;
    out.streaming_limit = to_bytes(from.sockjs.stream_limit);
    out.heart_beat = to_ms(from.sockjs.heart_beat);
    out.disconnect_delay = to_ms(from.sockjs.disconnect_delay);
    out.max_message_bytes = to_bytes(from.limits.websocket.max_message);
    out.max_payload_bytes = to_bytes(from.limits.http.max_body);
    out.outbound_bytes = to_bytes(from.limits.outbound.queue);
    out.max_sessions = from.sockjs.max_sessions;
    out.forwarding.secret = from.cluster.secret;
    out.forwarding.idle_timeout =
        std::min(out.forwarding.idle_timeout, to_ms(from.limits.http.idle_timeout) / 2);
    out.subprotocols = {"v12.stomp", "v11.stomp", "v10.stomp"};
    out.permessage_deflate = from.limits.websocket.permessage_deflate;
    out.ping_interval_s = to_seconds(from.limits.websocket.ping_interval);
    out.ping_timeout_s = to_seconds(from.limits.websocket.ping_timeout);
    return out;
}

broker::transport::transport_options transport_options_of(config::settings const& from) {
    auto const& limits = from.limits.http;
    broker::transport::transport_options out;
    out.loops = from.node.shards != 0 ? from.node.shards
                                      : std::max(1U, std::thread::hardware_concurrency());
    out.http.header_bytes = to_bytes(limits.max_header);
    out.http.body_bytes = to_bytes(limits.max_body);
    out.http.body_deadline = std::chrono::ceil<std::chrono::seconds>(to_ms(limits.request_timeout));
    out.http.idle_deadline = std::chrono::ceil<std::chrono::seconds>(to_ms(limits.idle_timeout));
    out.tcp.outbound_bytes = to_bytes(from.limits.outbound.queue);
    out.max_connections = from.limits.connections.per_node;
    return out;
}

broker::transport::listener_options listener_options_of(config::listener_settings const& from) {
    broker::transport::listener_options out;
    out.address = from.address.host;
    out.port = from.address.port;
    if (from.tls())
        out.tls = {.certificate_chain = from.tls_certificate, .private_key = from.tls_key};
    return out;
}

broker::limiting::limits limits_of(config::limit_settings const& from) {
    using enum broker::limiting::activity;
    auto const& user = from.rate.user;
    auto const& address = from.rate.address;
    broker::limiting::limits out;
    out.user(send) = rate_of(user.send, user.send_burst);
    out.user(subscribe) = rate_of(user.subscribe, user.subscribe_burst);
    out.user(connect) = rate_of(user.connect, user.connect_burst);
    out.user(request) = rate_of(user.request, user.request_burst);
    out.address(send) = rate_of(address.send, address.send_burst);
    out.address(subscribe) = rate_of(address.subscribe, address.subscribe_burst);
    out.address(connect) = rate_of(address.connect, address.connect_burst);
    out.address(request) = rate_of(address.request, address.request_burst);
    out.address(failed_login) = rate_of(address.failed_login, address.failed_login_burst);
    out.longest_wait = to_ms(from.rate.longest_wait);
    out.sockets_per_address = from.connections.per_address;
    out.sessions_per_address = from.connections.sessions_per_address;
    out.sessions_per_user = from.connections.sessions_per_user;
    return out;
}

broker::limiting::trusted_proxies trusted_proxies_of(config::http_settings const& from) {
    broker::limiting::trusted_proxies out;
    out.header = from.client_address_header;
    for (auto const& each : from.trusted_proxies) {
        if (auto const network = broker::limiting::network::parse(each)) {
            out.networks.push_back(*network);
        }
    }
    return out;
}

broker::auth::auth_options auth_options_of(config::auth_settings const& from) {
    broker::auth::auth_options out;
    out.open = from.mode == config::auth_mode::open;
    for (auto const& account : from.accounts) {
        out.accounts.push_back(
            {account.login, account.passcode_hash, account.user_id, account.roles});
    }
    out.passcodes = {.workers = from.workers,
                     .max_waiting = from.max_waiting,
                     .cache_ttl = to_ms(from.cache_ttl),
                     .cache_entries = from.cache_entries};
    if (!from.jwt.enabled()) return out;
    auto& jwt = out.jwt.emplace();
    for (auto const& name : from.jwt.algorithms) {
        using enum broker::auth::jwt_algorithm;
        jwt.algorithms.push_back(name == "HS256" ? hs256 : name == "RS256" ? rs256 : es256);
    }
    jwt.secret = from.jwt.secret;
    jwt.public_key_pem = from.jwt.public_key;
    jwt.jwks_location = from.jwt.jwks_url.empty() ? from.jwt.jwks_file.string() : from.jwt.jwks_url;
    jwt.jwks_refresh = to_ms(from.jwt.jwks_refresh);
    jwt.issuer = from.jwt.issuer;
    jwt.audience = from.jwt.audience;
    jwt.leeway = to_ms(from.jwt.leeway);
    jwt.user_id_claim = from.jwt.user_id_claim;
    jwt.roles_claim = from.jwt.roles_claim;
    return out;
}

std::vector<broker::auth::access_rule> access_rules_of(config::broker_settings const& from) {
    std::vector<broker::auth::access_rule> out;
    for (auto const& rule : from.access) {
        out.push_back({rule.destination, rule.send, rule.subscribe, rule.subscribe_wildcard});
    }
    return out;
}

persistence::storage_options storage_options_of(config::settings const& from) {
    auto const& storage = from.storage;
    persistence::storage_options out;
    bool const embedded = storage.backend == config::storage_backend::sqlite;
    out.kind = embedded ? persistence::backend::sqlite : persistence::backend::postgresql;
    out.location = embedded ? from.sqlite_path().string() : storage.connection;
    if (!embedded) out.replica = storage.replica;
    out.threads = storage.threads;
    out.waiting_jobs = storage.max_waiting_jobs;
    out.batch_count = storage.max_batch;
    out.queue_count = storage.max_waiting_messages;
    out.queue_bytes = to_bytes(storage.max_waiting_size);
    out.connect_timeout = to_ms(storage.connect_timeout);
    out.statement_timeout = to_ms(storage.statement_timeout);
    out.wait_timeout = to_ms(storage.wait_timeout);
    out.outbox = from.clustered();
    return out;
}

broker::transport::listener_options internal_listener_options_of(
    config::cluster_settings const& from) {
    // In a drain other nodes bring requests for our sessions until these have ended.
    return {.address = from.internal_listener.host,
            .port = from.internal_listener.port,
            .open_until_stop = true};
}

console::options console_options_of(config::settings const& from) {
    console::options out;
    out.node_timeout = to_ms(from.console.node_timeout);
    out.forwarding = sockjs_options_of(from).forwarding;
    out.forwarding.connect_timeout =
        std::min(out.forwarding.connect_timeout, to_ms(from.console.node_timeout));
    return out;
}

rabbitmq::options rabbitmq_options_of(config::rabbitmq_settings const& from) {
    rabbitmq::options out;
    out.urls = from.urls;
    out.password = from.password;
    out.ca_file = from.ca_file.string();
    out.connect_timeout = to_ms(from.connect_timeout);
    out.heart_beat = std::chrono::ceil<std::chrono::seconds>(to_ms(from.heart_beat));
    out.confirm_window = from.confirm_window;
    out.waiting_bytes = to_bytes(from.max_waiting_size);
    out.backlog_bytes = to_bytes(from.sender_pace_above);
    return out;
}

broker::redis::options redis_options_of(config::redis_settings const& from) {
    broker::redis::options out;
    out.addresses = from.urls;
    out.sentinels = from.sentinels;
    out.master_name = from.sentinel_master;
    out.password = from.password;
    out.ca_file = from.ca_file.string();
    out.connect_timeout = out.command_timeout = to_ms(from.timeout);
    out.lease = to_ms(from.lease);
    return out;
}

chat::chat_options chat_options_of(config::chat_settings const& from) {
    return {.max_content_length = from.max_content_length};
}

}  // namespace node
