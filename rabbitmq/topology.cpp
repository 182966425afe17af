#include "rabbitmq/topology.hpp"

#include <algorithm>
#include <stdexcept>

namespace rabbitmq {

void check_node_id(std::string_view node_id) {
    constexpr std::size_t longest = 200;
    auto const allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    // The last ones would share the keys of all nodes and of the events for others.
    if (node_id.empty() || node_id.size() > longest || !std::ranges::all_of(node_id, allowed) ||
        node_id == "all" || node_id.starts_with("channel.") || node_id.starts_with("user.")) {
        throw std::invalid_argument("not a node id: \"" + std::string(node_id) + "\"");
    }
}

void declare_shared(amqp_connection& on, declaration how) {
    on.declare_topic_exchange(exchange_name, how);
    on.declare_durable_queue(dead_letter_queue, how);
    on.declare_durable_queue(inbound_queue, how);
    for (std::string_view const key : {"to.all", "to.user", "to.channel"}) {
        on.bind(inbound_queue, exchange_name, key, how);
    }
}

void declare_own(amqp_connection& on, std::string_view node_id, std::size_t most_bytes) {
    on.declare_own_queue(node_queue(node_id), most_bytes);
    bind_own(on, node_id, declaration::awaited);
}

void bind_own(amqp_connection& on, std::string_view node_id, declaration how) {
    auto const queue = node_queue(node_id);
    on.bind(queue, exchange_name, node_key(node_id), how);
    on.bind(queue, exchange_name, all_nodes_key, how);
}

}  // namespace rabbitmq
