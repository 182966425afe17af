#pragma once

#include "broker/ports/cluster_nodes.hpp"
#include "broker/transport/forwarding/forward_options.hpp"
#include "broker/transport/http.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

// The operators' console: /console/api, for callers with the role admin (docs/console.md). What is
// asked of another node is asked there, with the caller's own credentials.

namespace broker {
class server;
}

namespace chat {
class banned_users;
class chat_module;
class store;
}  // namespace chat

namespace node::console {

struct options {
    std::string node_id;
    std::string internal_address;            // empty: this node is alone
    std::chrono::milliseconds node_timeout;  // for the beginning of another node's answer
    broker::transport::forward_options forwarding;
    // Whether the page that a request comes from may call; on every shard.
    std::function<bool(broker::transport::http_request const&)> origin_allowed;
    // What this node says of itself, as JSON; on every shard.
    std::function<std::string()> overview;
};

// What the console works with; all of it outlives it.
struct parts {
    broker::server& sessions;
    chat::chat_module& chat;
    chat::store& store;
    chat::banned_users& bans;
    broker::cluster_nodes* nodes;  // null: nobody can say which other nodes there are
};

// Made and destroyed on the main thread, while no shard runs; destroyed before the shards' loops.
class service {
public:
    service(options how, parts const& with);
    ~service();
    service(service const&) = delete;
    service& operator=(service const&) = delete;

    // /console/api, for operators.
    void add_to(broker::transport::http_routes& routes);
    // The same for what other nodes forward, and /console/internal for what they say themselves.
    void add_internal_to(broker::transport::http_routes& routes);

    struct impl;

private:
    std::unique_ptr<impl> impl_;
};

}  // namespace node::console
