#pragma once

#include "rabbitmq/amqp_connection.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// The exchange, the queues and the keys, as docs/cluster.md lists them.

namespace rabbitmq {

inline constexpr std::string_view exchange_name = "chat.exchange";
inline constexpr std::string_view dead_letter_queue = "chat.dlq";
inline constexpr std::string_view probe_key = "chat.nobody";  // no queue has this name
inline constexpr std::string_view inbound_queue = "chat.inbound";
inline constexpr std::string_view all_nodes_key = "chat.all";
inline constexpr std::string_view json_content_type = "application/json";

inline std::string node_key(std::string_view node_id) {
    return std::string("chat.").append(node_id);
}
inline std::string node_queue(std::string_view node_id) {
    return std::string("chat.queue.").append(node_id);
}

// Throws std::invalid_argument for an id that would not be a node's own key.
void check_node_id(std::string_view node_id);

// What outlives the nodes: declared by each, the same by all.
void declare_shared(amqp_connection& on, declaration how = declaration::awaited);
// The queue of this node, which goes with the connection, and its bindings.
void declare_own(amqp_connection& on, std::string_view node_id, std::size_t most_bytes);
void bind_own(amqp_connection& on, std::string_view node_id, declaration how);

}  // namespace rabbitmq
