#include "config/key_table.hpp"
#include "config/key_table_units.hpp"

// The rows of the sections node, listeners, http, sockjs, stomp, operations, console, log and
// health.

namespace config {

template <>
std::vector<std::string_view> names_of<listener_protocol>() {
    return {"http", "stomp"};
}

template <>
std::vector<std::string_view> names_of<log_level>() {
    return {"trace", "debug", "info", "warn", "error"};
}

template <>
std::vector<std::string_view> names_of<log_format>() {
    return {"text", "json"};
}

namespace table {

void add_node_rows(std::vector<key>& to) {
    auto add = [&to](key row) { to.push_back(std::move(row)); };

    add(row("node.shards", STAMPEDE_MEMBER(node.shards),
            "Threads with an event loop; a connection lives on one of them. 0: one per processor. "
            "Flag: --shards.",
            {.range = {0, 256}}));
    add(row("node.data_directory", STAMPEDE_MEMBER(node.data_directory),
            "Where the node keeps its files, made if missing. Flag: --data."));
    add(row("node.drain_deadline", STAMPEDE_MEMBER(node.drain_deadline),
            "How long sessions may take to end after SIGTERM before they are cut.",
            {.range = {0, hour}}));
    add(row(
        "node.drain_rate", STAMPEDE_MEMBER(node.drain_rate),
        "How many sessions a second are told to leave after SIGTERM, so that they do not all come "
        "to the other nodes at once. More if drain_deadline asks for it.",
        {.range = {1, 1'000'000}}));
    add(row(
        "node.drain_return", STAMPEDE_MEMBER(node.drain_return),
        "Each is told in the header `retry-after` to wait before it comes back, by chance up to "
        "this long.",
        {.range = {0, 10 * minute}}));

    add(row("listeners[].address", STAMPEDE_MEMBER(listeners[element].address),
            "The numeric address and the port; port 0 takes a free one, `*` every IPv4 address, "
            "`[::]` every address. Flag: --listen, for the first HTTP listener."));
    add(row("listeners[].protocol", STAMPEDE_MEMBER(listeners[element].protocol),
            "\"http\" for WebSocket, SockJS, REST and the page, or \"stomp\" for STOMP over TCP."));
    add(row("listeners[].tls_certificate", STAMPEDE_MEMBER(listeners[element].tls_certificate),
            "The certificate chain in PEM, the node's own first. With it the listener speaks TLS "
            "only.",
            {.reloads = reload::content, .type = value_type::readable_path}));
    add(row("listeners[].tls_key", STAMPEDE_MEMBER(listeners[element].tls_key),
            "The private key of tls_certificate, in PEM.",
            {.reloads = reload::content, .type = value_type::readable_path}));

    add(row("http.websocket_path", STAMPEDE_MEMBER(http.websocket_path),
            "Where plain WebSocket is served.", {.range = {2, 200}}));
    add(row("http.allowed_origins", STAMPEDE_MEMBER(http.allowed_origins),
            "Other web sites whose pages may connect, such as \"https://chat.example.org\", or "
            "\"*\" for every one. Pages that the node serves itself always may; clients that are "
            "not browsers send no origin and are not held back."));
    add(row("http.trusted_proxies", STAMPEDE_MEMBER(http.trusted_proxies),
            "Proxies that tell whose request they pass on, as addresses or networks such as "
            "\"10.42.0.0/16\". Limits of addresses mean the client that these name; nobody else is "
            "believed."));
    add(row(
        "http.client_address_header", STAMPEDE_MEMBER(http.client_address_header),
        "The header in which they do: a list of addresses to which each proxy adds the one that "
        "it saw, or one address.",
        {.range = {1, 100}}));

    add(row("sockjs.path", STAMPEDE_MEMBER(sockjs.path), "Where SockJS is served.",
            {.range = {2, 200}}));
    add(row("sockjs.websocket", STAMPEDE_MEMBER(sockjs.websocket),
            "Whether SockJS clients are offered WebSocket; without it they use HTTP transports."));
    add(row("sockjs.session_cookie", STAMPEDE_MEMBER(sockjs.session_cookie),
            "Whether session addresses set the cookie JSESSIONID, which some balancers need for "
            "sticky sessions."));
    add(row("sockjs.heart_beat", STAMPEDE_MEMBER(sockjs.heart_beat),
            "A SockJS heart-beat after so long without a frame.", {.range = {second, 5 * minute}}));
    add(row("sockjs.disconnect_delay", STAMPEDE_MEMBER(sockjs.disconnect_delay),
            "How long a session waits for its client's next request.",
            {.range = {100, 5 * minute}}));
    add(row("sockjs.stream_limit", STAMPEDE_MEMBER(sockjs.stream_limit),
            "A streaming response ends after so many bytes and the client asks again, so that "
            "browsers free their memory.",
            {.range = {4096, 1024 * 1024 * 1024}}));
    add(row("sockjs.client_url", STAMPEDE_MEMBER(sockjs.client_url),
            "The address of the SockJS client script in the iframe page; it must be of the version "
            "that the pages use.",
            {.range = {1, 1000}}));
    add(row("sockjs.max_sessions", STAMPEDE_MEMBER(sockjs.max_sessions),
            "Sessions over HTTP transports of one shard; above it new ones get 503.",
            {.range = {1, 10'000'000}}));

    add(row("stomp.heart_beat_send", STAMPEDE_MEMBER(stomp.heart_beat_send),
            "The shortest interval of heart-beats that the node offers to send; 0 for none.",
            {.range = {0, hour}}));
    add(row("stomp.heart_beat_receive", STAMPEDE_MEMBER(stomp.heart_beat_receive),
            "The interval of heart-beats that the node wants from clients; 0 for none.",
            {.range = {0, hour}}));
    add(row("stomp.heart_beat_grace", STAMPEDE_MEMBER(stomp.heart_beat_grace),
            "A client that agreed to send heart-beats is taken for gone after twice its interval "
            "and this.",
            {.range = {0, 10 * minute}}));
    add(row("stomp.heart_beat_patience", STAMPEDE_MEMBER(stomp.heart_beat_patience),
            "The least silence that is forgiven where WebSocket pings watch the connection too: "
            "browsers let the timers of a background tab run once a minute.",
            {.range = {0, hour}}));

    add(row(
        "operations.listen", STAMPEDE_MEMBER(operations.listen),
        "The numeric address and the port of the operations listener, such as "
        "\"127.0.0.1:9464\"; port 0 takes a free one. It serves `/metrics` and `/health/*` over "
        "plain HTTP to everybody who reaches it: for the operator's own network only. Empty: "
        "there is none.",
        {.range = {0, 100}}));

    add(row(
        "console.enabled", STAMPEDE_MEMBER(console.enabled),
        "Whether there is the interface of the console, under `/console/api`. It is for callers "
        "with the role `admin` only."));
    add(row("console.node_timeout", STAMPEDE_MEMBER(console.node_timeout),
            "How long the console waits for the answer of another node to begin.",
            {.range = {100, minute}}));

    add(row("log.level", STAMPEDE_MEMBER(log.level), "The least important events that are shown.",
            {.reloads = reload::value}));
    add(row("log.format", STAMPEDE_MEMBER(log.format),
            "\"text\" for people, \"json\" with one object per line for programs."));

    add(row("health.canary_interval", STAMPEDE_MEMBER(health.canary_interval),
            "How often the node sends a canary through RabbitMQ, Redis, the store and its event "
            "loops.",
            {.range = {100, 10 * minute}}));
    add(row("health.canary_timeout", STAMPEDE_MEMBER(health.canary_timeout),
            "A link whose canary has not come back in this time is ill.",
            {.range = {50, 10 * minute}}));
    add(row("health.loop_timeout", STAMPEDE_MEMBER(health.loop_timeout),
            "An event loop that has not answered in this time is stuck, and the node not live: "
            "Kubernetes restarts it.",
            {.range = {100, 10 * minute}}));
    add(row("health.startup_patience", STAMPEDE_MEMBER(health.startup_patience),
            "How long a node that starts is not ready for want of a link that was never well. "
            "After it, it is ready without.",
            {.range = {0, hour}}));
    add(row("health.ready_without_store", STAMPEDE_MEMBER(health.ready_without_store),
            "Whether new clients may come while the database is away: topics that are not stored "
            "still work, rooms do not. False where a node may lose the database alone."));
}

}  // namespace table
}  // namespace config
