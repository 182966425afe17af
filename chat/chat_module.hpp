#pragma once

#include "broker/ports/app_handler.hpp"
#include "broker/ports/authenticator.hpp"
#include "broker/ports/bus.hpp"
#include "broker/ports/presence.hpp"
#include "broker/ports/sequenced_topics.hpp"
#include "broker/ports/user_inbox.hpp"
#include "broker/ports/user_sessions.hpp"
#include "broker/unique_function.hpp"
#include "chat/chat_options.hpp"
#include "chat/ports/message_writer.hpp"
#include "chat/ports/store.hpp"

#include <functional>
#include <memory>

// The whole chat of a node, made from its ports: what node/ composes and nobody else needs to look
// behind.
//
// Whether a caller is believed or verified is said by each principal (principal::unverified), so
// there is no switch for the open mode here.

namespace broker::limiting {
class limiter;
}

namespace broker::transport {
class http_exchange;
class http_routes;
struct http_request;
}  // namespace broker::transport

namespace chat::rest {
class rest_call;
}

namespace chat {

// Makes the writer that tells `listener` about its batches.
using writer_factory = std::function<std::unique_ptr<message_writer>(batch_listener& listener)>;

// Made and destroyed on the main thread, while no shard runs. What it exposes says its own thread.
class chat_module {
public:
    // The references outlive the module. `credentials` is the node's own authenticator.
    chat_module(store& where, writer_factory const& make_writer, broker::bus& bus,
                broker::user_sessions& sessions, broker::authenticator& credentials,
                chat_options const& options);
    ~chat_module();
    chat_module(chat_module const&) = delete;
    chat_module& operator=(chat_module const&) = delete;

    // Behind /app/...; any shard.
    broker::app_handler& app();

    // The rooms' topics; any shard.
    broker::sequenced_topics& topics();

    // Tells a room that a user has come or gone. Any thread.
    void announce(broker::presence_change const& change);

    // The users' direct messages; any thread.
    broker::user_inbox& inbox();

    // Where its messages go; any thread.
    message_writer& writer();

    // The node's authenticator, with the difference that whoever passes is known as a user from
    // then on and can be sent direct messages. For STOMP CONNECT and handshakes; any shard.
    broker::authenticator& authenticator();

    // Adds /api/*, with the OpenAPI document at /api/openapi.yaml. Before the node serves.
    // `origin_allowed` says of each request whether the page that it comes from may call; it is
    // called on every shard. `limits`: how often an address and a user may ask; outlives us.
    void register_routes(broker::transport::http_routes& routes,
                         std::function<bool(broker::transport::http_request const&)> origin_allowed,
                         broker::limiting::limiter* limits = nullptr);

    // For administrators' pages beside /api: `then` gets the calls of those who are one; all others
    // are answered as under /api. `forwarded`: another node has kept the limits.
    void admit_admin(std::shared_ptr<broker::transport::http_exchange> exchange, bool forwarded,
                     broker::unique_function<void(rest::rest_call)> then);

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

// Creates the public room 1, "Lobby", when there is no room at all: a first try in open mode needs
// somewhere to talk. Waits until it is done; throws boost::system::system_error when the store
// cannot. Before the node serves.
void ensure_lobby(store& where);

}  // namespace chat
