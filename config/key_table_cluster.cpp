#include "config/key_table.hpp"
#include "config/key_table_units.hpp"

// The rows of the sections cluster, rabbitmq and redis.

namespace config::table {

void add_cluster_rows(std::vector<key>& to) {
    auto add = [&to](key row) { to.push_back(std::move(row)); };

    add(row("cluster.node_id", STAMPEDE_MEMBER(cluster.node_id),
            "The node's name among the others, part of its queue's name; letters, digits, `-`, `_` "
            "and `.`. No two nodes may have the same. Without it: the host's name and some "
            "characters that differ with each start.",
            {.range = {0, 64}}));
    add(row("cluster.internal_listener", STAMPEDE_MEMBER(cluster.internal_listener),
            "Where other nodes bring requests of SockJS sessions that live here; port 0 takes a "
            "free one. For the cluster's own network only."));
    add(row(
        "cluster.internal_address", STAMPEDE_MEMBER(cluster.internal_address),
        "How other nodes reach internal_listener, \"10.0.0.7:9080\". Without it: the listener's "
        "own address.",
        {.range = {0, 300}}));
    add(row("cluster.secret", STAMPEDE_MEMBER(cluster.secret),
            "What nodes know each other by, 16 bytes or more, the same for all. Better in "
            "secret_file.",
            {.range = {16, 4096}, .secret = true}));
    add(row("cluster.secret_file", STAMPEDE_MEMBER(cluster.secret),
            "A file with the secret; a line break at its end is not part of it.",
            {.type = value_type::file_content}));
    add(row("cluster.sweep_interval", STAMPEDE_MEMBER(cluster.sweep_interval),
            "How often a node looks in the store for messages of its rooms that did not reach it; "
            "every tenth time also for direct messages to its users.",
            {.range = {second, hour}}));
    add(row(
        "cluster.sweep_interval_degraded", STAMPEDE_MEMBER(cluster.sweep_interval_degraded),
        "The same while RabbitMQ or Redis is away, or RabbitMQ takes no messages; then every time "
        "for direct messages, too.",
        {.range = {100, minute}}));

    add(row(
        "rabbitmq.urls", STAMPEDE_MEMBER(rabbitmq.urls),
        "RabbitMQ's addresses, \"amqp://user@host:5672/vhost\", or "
        "\"amqps://user@host:5671/vhost\" "
        "for TLS; the next is tried when one fails. With one the node is part of a cluster, which "
        "needs PostgreSQL.",
        {.secret = true}));
    add(row("rabbitmq.password", STAMPEDE_MEMBER(rabbitmq.password),
            "The password for addresses that have none. Better in password_file.",
            {.range = {1, 4096}, .secret = true}));
    add(row("rabbitmq.password_file", STAMPEDE_MEMBER(rabbitmq.password),
            "A file with the password; a line break at its end is not part of it.",
            {.type = value_type::file_content}));
    add(row(
        "rabbitmq.ca_file", STAMPEDE_MEMBER(rabbitmq.ca_file),
        "Certificates in PEM of the authorities that a RabbitMQ with TLS is trusted by; read at "
        "each connect. Without it: the system's authorities.",
        {.type = value_type::readable_path}));
    add(row("rabbitmq.heart_beat", STAMPEDE_MEMBER(rabbitmq.heart_beat),
            "A link that is silent for twice as long is lost.", {.range = {second, 5 * minute}}));
    add(row("rabbitmq.connect_timeout", STAMPEDE_MEMBER(rabbitmq.connect_timeout),
            "How long a connection to RabbitMQ may take.", {.range = {100, 10 * minute}}));
    add(row("rabbitmq.confirm_window", STAMPEDE_MEMBER(rabbitmq.confirm_window),
            "Publishes that may be under way without RabbitMQ's confirm.",
            {.range = {1, 100'000}}));
    add(row(
        "rabbitmq.max_waiting_size", STAMPEDE_MEMBER(rabbitmq.max_waiting_size),
        "Events for other nodes that may wait while RabbitMQ is away or slow; above it they are "
        "dropped, and what is stored is found in the store.",
        {.range = {mib, 64 * gib}}));
    add(row(
        "rabbitmq.sender_pace", STAMPEDE_MEMBER(rabbitmq.sender_pace),
        "While RabbitMQ takes no messages (its memory or disk alarm), or more than "
        "sender_pace_above waits for it: the least time from one SEND of a session to its next. "
        "0: nobody is slowed.",
        {.range = {0, 5 * second}}));
    add(row(
        "rabbitmq.sender_pace_above", STAMPEDE_MEMBER(rabbitmq.sender_pace_above),
        "Senders are slowed while more than this waits for a RabbitMQ that is slow, until it is "
        "half of it.",
        {.range = {64 * 1024, 64 * gib}}));

    add(row("redis.urls", STAMPEDE_MEMBER(redis.urls),
            "Redis' addresses, \"redis://host:6379/0\", or \"rediss://host:6379/0\" for TLS; the "
            "next is "
            "tried when one fails. Without any a cluster sends every event to every node.",
            {.secret = true}));
    add(row("redis.sentinels", STAMPEDE_MEMBER(redis.sentinels),
            "The addresses of Sentinels, \"host:26379\", instead of redis.urls; "
            "\"rediss://host:26379\" for TLS with them and with the Redis that they name."));
    add(row("redis.sentinel_master", STAMPEDE_MEMBER(redis.sentinel_master),
            "The name that the Sentinels have for the Redis.", {.range = {1, 200}}));
    add(row("redis.password", STAMPEDE_MEMBER(redis.password),
            "The password for addresses that have none. Better in password_file.",
            {.range = {1, 4096}, .secret = true}));
    add(row("redis.password_file", STAMPEDE_MEMBER(redis.password),
            "A file with the password; a line break at its end is not part of it.",
            {.type = value_type::file_content}));
    add(row("redis.ca_file", STAMPEDE_MEMBER(redis.ca_file),
            "Certificates in PEM of the authorities that a Redis with TLS is trusted by; read at "
            "each connect. Without it: the system's authorities.",
            {.type = value_type::readable_path}));
    add(row("redis.timeout", STAMPEDE_MEMBER(redis.timeout),
            "How long Redis may take to answer before the registry counts as away.",
            {.range = {50, minute}}));
    add(row("redis.lease", STAMPEDE_MEMBER(redis.lease),
            "How long the entries of a node count that does not renew them any more; renewed three "
            "times as often.",
            {.range = {second, 10 * minute}}));
}

}  // namespace config::table
