#pragma once

#include "config/listen_address.hpp"
#include "config/units.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Everything a node can be told, as plain values. The initialisers here are the defaults; what each
// key means, its range and its name in the file are in config/keys.cpp. Checked as a whole by
// load(): whoever gets one from there need not check again.

namespace config {

struct node_settings {
    std::uint32_t shards = 0;  // threads with an event loop; 0: one per processor
    std::filesystem::path data_directory = "stampede-data";
    duration drain_deadline{std::chrono::seconds{20}};
    std::uint32_t drain_rate = 1000;  // sessions that are told to leave, per second
    duration drain_return{std::chrono::seconds{2}};
};

enum class listener_protocol : std::uint8_t {
    http,   // WebSocket, SockJS, REST and the page
    stomp,  // STOMP over plain TCP
};

struct listener_settings {
    listen_address address;
    listener_protocol protocol = listener_protocol::http;
    // PEM files; both or neither. Empty: no TLS.
    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;

    bool tls() const { return !tls_certificate.empty(); }
};

// Until the CONNECT was accepted.
struct pre_connect_limits {
    duration deadline{std::chrono::seconds{10}};
    byte_size max_frame = 16_KiB;
    std::uint32_t max_headers = 32;
};

struct frame_limits {
    std::uint32_t max_headers = 64;
    byte_size max_header_line = 8_KiB;
    byte_size max_headers_size = 32_KiB;
    byte_size max_body = 256_KiB;
};

struct session_limits {
    std::uint32_t max_subscriptions = 1000;
    std::uint32_t max_pending_acks = 10'000;  // delivered, not yet acknowledged
    std::uint32_t max_delivery_attempts = 5;
    std::uint32_t max_transactions = 16;  // open at a time
    std::uint32_t max_transaction_frames = 1000;
    byte_size max_transaction_size = 1_MiB;
    std::uint32_t max_app_sends_in_flight = 512;
};

struct outbound_limits {
    byte_size queue = 1_MiB;  // waiting for one slow reader
};

struct websocket_limits {
    byte_size max_message = 1_MiB;  // after decompression
    bool permessage_deflate = false;
    byte_size deflate_threshold = 256_B;
    duration ping_interval{std::chrono::seconds{30}};
    duration ping_timeout{std::chrono::seconds{90}};
};

struct http_limits {
    byte_size max_header = 16_KiB;
    byte_size max_body = 1_MiB;
    duration request_timeout{std::chrono::seconds{30}};
    duration idle_timeout{std::chrono::seconds{75}};
};

// How often one user may do something, on all their devices together, and how often at once after
// a rest.
struct user_rates {
    frequency send{500, std::chrono::seconds{1}};
    std::uint32_t send_burst = 5000;
    frequency subscribe{100, std::chrono::seconds{1}};
    std::uint32_t subscribe_burst = 5000;
    frequency connect{50, std::chrono::seconds{1}};
    std::uint32_t connect_burst = 1000;
    frequency request{100, std::chrono::seconds{1}};
    std::uint32_t request_burst = 2000;
};

// The same for everybody at one address.
struct address_rates {
    frequency send{10'000, std::chrono::seconds{1}};
    std::uint32_t send_burst = 100'000;
    frequency subscribe{10'000, std::chrono::seconds{1}};
    std::uint32_t subscribe_burst = 100'000;
    frequency connect{1000, std::chrono::seconds{1}};
    std::uint32_t connect_burst = 20'000;
    frequency request{2000, std::chrono::seconds{1}};
    std::uint32_t request_burst = 20'000;
    frequency failed_login{10, std::chrono::seconds{1}};
    std::uint32_t failed_login_burst = 1000;
};

struct rate_limits {
    user_rates user;
    address_rates address;
    duration longest_wait{std::chrono::seconds{10}};
};

// Zero: no limit.
struct connection_limits {
    std::uint32_t per_node = 0;          // sockets
    std::uint32_t per_address = 10'000;  // sockets
    std::uint32_t sessions_per_address = 10'000;
    std::uint32_t sessions_per_user = 1000;
};

struct limit_settings {
    pre_connect_limits pre_connect;
    frame_limits frame;
    session_limits session;
    outbound_limits outbound;
    websocket_limits websocket;
    http_limits http;
    rate_limits rate;
    connection_limits connections;
};

struct http_settings {
    std::string websocket_path = "/ws";
    // Other web sites whose pages may connect, "https://chat.example.org", or "*". The node's own
    // pages always may.
    std::vector<std::string> allowed_origins;
    // Addresses or networks whose word for a client's address is taken.
    std::vector<std::string> trusted_proxies;
    std::string client_address_header = "X-Forwarded-For";
};

struct sockjs_settings {
    std::string path = "/ws-chat";
    bool websocket = true;
    bool session_cookie = false;  // JSESSIONID, for balancers that need it
    duration heart_beat{std::chrono::seconds{25}};
    duration disconnect_delay{std::chrono::seconds{5}};
    byte_size stream_limit = 128_KiB;
    std::string client_url = "/vendor/sockjs.min.js";  // for the iframe page
    std::uint32_t max_sessions = 50'000;               // over HTTP transports, of one shard
};

struct stomp_settings {
    duration heart_beat_send{std::chrono::seconds{10}};     // what we can send
    duration heart_beat_receive{std::chrono::seconds{10}};  // what we want
    // A client is missing after twice its interval and this.
    duration heart_beat_grace{std::chrono::seconds{5}};
    // The least wait for a client whose connection is watched by WebSocket pings.
    duration heart_beat_patience{std::chrono::seconds{130}};
};

// Who may use the generic topics that `destination` covers. The first rule that covers one decides.
struct access_rule {
    std::string destination;  // "/topic/news", "/topic/news/*", "/topic/**"
    // "*", "authenticated", "role:x", "user:y"; empty: nobody
    std::vector<std::string> send;
    std::vector<std::string> subscribe;
    std::vector<std::string> subscribe_wildcard;
};

struct broker_settings {
    std::vector<access_rule> access;
    bool access_given = false;  // else what is in it comes with the open mode
};

enum class auth_mode : std::uint8_t {
    open,      // callers are believed
    required,  // an account or a token, else refused
};

struct account_settings {
    std::string login;
    std::string passcode_hash;  // "$argon2id$v=19$…"
    std::optional<std::uint64_t> user_id;
    std::vector<std::string> roles;
};

struct jwt_settings {
    std::string issuer;                 // empty: any
    std::vector<std::string> audience;  // one of them; empty: any
    duration leeway{std::chrono::seconds{30}};
    std::vector<std::string> algorithms;  // "HS256", "RS256", "ES256"
    std::string secret;                   // HS256; from secret_file too
    std::string public_key;               // PEM, the content of public_key_file
    std::filesystem::path jwks_file;      // read again like jwks_url
    std::string jwks_url;
    duration jwks_refresh{std::chrono::minutes{10}};
    std::string user_id_claim = "userId";
    std::string roles_claim = "roles";

    bool enabled() const { return !algorithms.empty(); }
};

struct auth_settings {
    auth_mode mode = auth_mode::open;
    std::vector<account_settings> accounts;
    jwt_settings jwt;
    std::uint32_t workers = 2;         // threads that check passcodes
    std::uint32_t max_waiting = 1000;  // different checks in their queue
    duration cache_ttl{std::chrono::seconds{60}};
    std::uint32_t cache_entries = 10'000;
};

enum class storage_backend : std::uint8_t { sqlite, postgresql };

struct storage_settings {
    storage_backend backend = storage_backend::sqlite;
    std::filesystem::path path;  // SQLite; empty: sqlite_path()
    std::string connection;      // PostgreSQL: URI or conninfo; from connection_file too
    std::string replica;         // the same for reads that may be stale; from replica_file too
    std::uint32_t threads = 4;
    std::uint32_t max_waiting_jobs = 10'000;
    std::uint32_t max_batch = 1024;  // messages in one commit
    std::uint32_t max_waiting_messages = 65'536;
    byte_size max_waiting_size = 64_MiB;
    duration connect_timeout{std::chrono::seconds{5}};
    duration statement_timeout{std::chrono::seconds{5}};
    duration wait_timeout{std::chrono::seconds{10}};
};

// A node among others; it is one when it has a RabbitMQ to reach them by.
struct cluster_settings {
    std::string node_id;  // empty: made from the host's name
    // Where other nodes bring the requests of SockJS sessions that live here.
    listen_address internal_listener{.port = 0};
    std::string internal_address;  // as others reach it; empty: the listener's own
    std::string secret;            // shared by all nodes; from secret_file too
    duration sweep_interval{std::chrono::seconds{30}};
    duration sweep_interval_degraded{std::chrono::milliseconds{250}};
};

struct rabbitmq_settings {
    std::vector<std::string> urls;
    std::string password;           // for those without one; from password_file too
    std::filesystem::path ca_file;  // for amqps; empty: the system's authorities
    duration heart_beat{std::chrono::seconds{10}};
    duration connect_timeout{std::chrono::seconds{5}};
    std::uint32_t confirm_window = 1000;
    byte_size max_waiting_size = 64_MiB;
    duration sender_pace{std::chrono::milliseconds{200}};  // zero: nobody is slowed
    byte_size sender_pace_above = 8_MiB;
};

struct redis_settings {
    std::vector<std::string> urls;
    std::vector<std::string> sentinels;
    std::string sentinel_master = "mymaster";
    std::string password;           // for those without one; from password_file too
    std::filesystem::path ca_file;  // for rediss; empty: the system's authorities
    duration timeout{std::chrono::seconds{1}};
    duration lease{std::chrono::seconds{15}};

    bool enabled() const { return !urls.empty() || !sentinels.empty(); }
};

// A service registry that is told of the node; none without addresses.
struct eureka_settings {
    std::vector<std::string> urls;
    std::string password;  // for those with a user and without one; from password_file too
    std::string app = "stampede";
    std::string instance_id;        // empty: HOST_NAME:APP:PORT
    std::string host_name;          // empty: the host's
    std::string ip_address;         // empty: the listener's, or that of an interface
    std::uint32_t port = 0;         // 0: that of the first HTTP listener
    std::uint32_t secure_port = 0;  // the same, with TLS
    duration heart_beat{std::chrono::seconds{30}};
    duration lease{std::chrono::seconds{90}};
    duration timeout{std::chrono::seconds{2}};
    std::vector<std::string> metadata;  // "name=value"
};

struct chat_settings {
    std::uint32_t max_content_length = 5000;  // characters (code points)
    bool presence = false;                    // rooms are told who listens
    bool lobby = true;                        // in open mode: a first room when there is none
};

struct audit_settings {
    duration keep{std::chrono::days{365}};  // 0: for ever
};

// For the operator's own network: metrics, health, and what else only operators may see.
struct operations_settings {
    std::string listen;  // an address as parse_listen_address() reads it; empty: nowhere
};

enum class log_level : std::uint8_t { trace, debug, info, warn, error };
enum class log_format : std::uint8_t { text, json };

struct log_settings {
    log_level level = log_level::info;
    log_format format = log_format::text;
};

struct health_settings {
    duration canary_interval{std::chrono::seconds{5}};
    duration canary_timeout{std::chrono::seconds{5}};
    duration loop_timeout{std::chrono::seconds{5}};
    duration startup_patience{std::chrono::seconds{15}};
    bool ready_without_store = true;
};

// What operators see and do, over the ordinary HTTP listeners.
struct console_settings {
    bool enabled = true;
    duration node_timeout{std::chrono::seconds{5}};
};

struct settings {
    node_settings node;
    std::vector<listener_settings> listeners;  // never empty after load()
    limit_settings limits;
    http_settings http;
    sockjs_settings sockjs;
    stomp_settings stomp;
    broker_settings broker;
    auth_settings auth;
    storage_settings storage;
    chat_settings chat;
    audit_settings audit;
    cluster_settings cluster;
    rabbitmq_settings rabbitmq;
    redis_settings redis;
    eureka_settings eureka;
    operations_settings operations;
    console_settings console;
    log_settings log;
    health_settings health;

    bool clustered() const { return !rabbitmq.urls.empty(); }

    std::filesystem::path sqlite_path() const {
        return storage.path.empty() ? node.data_directory / "stampede.db" : storage.path;
    }
};

}  // namespace config
