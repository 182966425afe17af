#include "config/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace config {
namespace {

// Part of the names of queues and keys, and of log lines.
// "chat.all" and "chat.channel.7.message" are keys of others.
bool is_node_id(std::string_view text) {
    if (text == "all" || text.starts_with("channel.") || text.starts_with("user.")) return false;
    return std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    });
}

bool has_scheme(std::string_view url, std::string_view scheme) {
    return url.starts_with(scheme) && url.size() > scheme.size();
}

struct used_schemes {
    bool plain = false;
    bool tls = false;
    bool other = false;  // neither of the two
};

used_schemes schemes_of(std::vector<std::string> const& urls, std::string_view plain,
                        std::string_view tls) {
    used_schemes found;
    for (auto const& url : urls) {
        bool const is_tls = has_scheme(url, tls);
        found.tls |= is_tls;
        found.plain |= !is_tls && has_scheme(url, plain);
        found.other |= !is_tls && !has_scheme(url, plain);
    }
    return found;
}

bool is_wildcard(listen_address const& address) {
    return address.host == "0.0.0.0" || address.host == "::";
}

}  // namespace

void validate_cluster(settings const& all, complaints& to) {
    auto const& cluster = all.cluster;
    if (!is_node_id(cluster.node_id)) {
        to.refuse(
            {"cluster.node_id"},
            fmt::format("expected letters, digits, '-', '_' and '.', other than \"all\" and not "
                        "beginning with \"channel.\" or \"user.\"; got \"{}\"",
                        cluster.node_id));
    }
    // The addresses may hold passwords: they are not repeated.
    auto const rabbitmq = schemes_of(all.rabbitmq.urls, "amqp://", "amqps://");
    if (rabbitmq.other) {
        to.refuse({"rabbitmq.urls"},
                  "expected addresses such as \"amqp://user@host:5672\" or "
                  "\"amqps://user@host:5671\"");
    } else if (!all.rabbitmq.ca_file.empty() && !rabbitmq.tls) {
        to.refuse({"rabbitmq.ca_file", "rabbitmq.urls"},
                  "of use only to an address with TLS, \"amqps://user@host:5671\"");
    }
    auto const redis = schemes_of(all.redis.urls, "redis://", "rediss://");
    auto const sentinels = schemes_of(all.redis.sentinels, "", "rediss://");
    if (redis.other) {
        to.refuse({"redis.urls"},
                  "expected addresses such as \"redis://host:6379\" or \"rediss://host:6379\"");
    } else if (sentinels.tls && sentinels.plain) {
        // The Redis that one names would be spoken to with TLS or without, by chance.
        to.refuse({"redis.sentinels"}, "expected \"rediss://\" before each of them or before none");
    } else if (!all.redis.ca_file.empty() && !redis.tls && !sentinels.tls) {
        to.refuse({"redis.ca_file", "redis.urls", "redis.sentinels"},
                  "of use only to an address with TLS, \"rediss://host:6379\"");
    }
    if (!all.redis.urls.empty() && !all.redis.sentinels.empty()) {
        to.refuse({"redis.sentinels", "redis.urls"},
                  "expected either redis.urls or redis.sentinels, not both");
    }
    if (!all.clustered()) {
        if (all.redis.enabled()) {
            to.refuse({"rabbitmq.urls", "redis.urls", "redis.sentinels"},
                      "missing; Redis is of use only to a cluster, whose nodes need RabbitMQ");
        }
        return;
    }
    if (all.storage.backend != storage_backend::postgresql) {
        to.refuse({"storage.backend", "rabbitmq.urls"},
                  "expected \"postgresql\": the nodes of a cluster share their store");
    }
    if (cluster.secret.empty()) {
        to.refuse({"cluster.secret", "cluster.secret_file", "rabbitmq.urls"},
                  "missing; a cluster needs it, or cluster.secret_file");
    }
    if (is_wildcard(cluster.internal_listener) && cluster.internal_address.empty()) {
        to.refuse({"cluster.internal_address", "cluster.internal_listener"},
                  "missing; others cannot reach a node at the address of its internal_listener, "
                  "which stands for all");
    }
}

}  // namespace config
