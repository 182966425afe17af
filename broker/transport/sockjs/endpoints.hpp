#pragma once

#include "broker/transport/forwarding/forwarder.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/sockjs/handler.hpp"
#include "broker/transport/sockjs/origin.hpp"
#include "broker/transport/sockjs/receiver.hpp"
#include "broker/transport/sockjs/service_options.hpp"
#include "broker/transport/sockjs/session_registry.hpp"
#include "broker/transport/sockjs/url.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// The endpoints of a service, one file each, and the table that names those below a session.

namespace broker::transport::sockjs {

// What all shards of a service share; immutable.
struct service_state {
    std::shared_ptr<service_options const> options;
    handler_factory factory;
    origin_policy origins;
    std::string iframe_page;
    std::string iframe_etag;
    std::unique_ptr<forwarder> others;  // never null; its counters change
};

// One request on the shard where it is answered.
struct call {
    service_state const& service;
    session_registry* registry;  // outlives the exchange: owned by the service
    http_exchange_ptr exchange;
    service_url url;         // looks into the request
    bool forwarded = false;  // another node has sent it

    http_request const& request() const { return exchange->request(); }
    service_options const& options() const { return *service.options; }
};

struct session_endpoint {
    std::string_view name;
    std::string_view methods;  // for Allow and Access-Control-Allow-Methods
    bool cors;                 // scripts of other origins call it: OPTIONS is answered
    bool websocket;
    void (*serve)(call const&);
};

// Null if there is none of that name.
session_endpoint const* find_session_endpoint(std::string_view name) noexcept;

void serve_greeting(call const& call);
void serve_info(call const& call);
void serve_iframe(call const& call);
void serve_raw_websocket(call const& call);

void serve_websocket(call const& call);
void serve_xhr(call const& call);
void serve_xhr_streaming(call const& call);
void serve_eventsource(call const& call);
void serve_htmlfile(call const& call);
void serve_jsonp(call const& call);
void serve_xhr_send(call const& call);
void serve_jsonp_send(call const& call);

// What several of them do.

// The page that iframe transports load, with the address of the client script in it.
std::string make_iframe_page(service_options const& options);

// A response with the headers of every answer below a session: not cached, the session cookie and,
// where `cors` is set, CORS.
http_response session_response(call const& call, unsigned status, std::string_view content_type,
                               bool cors);

// Answers with `response` and the headers of every answer below a session.
void refuse(call const& call, http_response response, bool cors);

// 204 to a preflight.
void answer_preflight(call const& call, std::string_view methods, bool with_cookie);

// The name of the client's function in `c`. Answers 500 and returns nothing if it is missing or is
// no name: it becomes part of a script.
std::optional<std::string> callback_parameter(call const& call);

using receiver_maker = std::function<std::unique_ptr<receiver>(http_exchange_ptr)>;

// Attaches the receiver that `make` builds to the session of the URL, which is opened if there is
// none. `make` is not called when the request is refused.
void receive(call const& call, receiver_maker make);

// Gives the messages in `payload` to the session of the URL. `accepted` is the answer when they
// have reached the application.
void take_messages(call const& call, std::string_view payload, http_response accepted, bool cors);

websocket_options socket_options(service_options const& options, std::size_t max_message_bytes);

// Whether the request may become a WebSocket; answers 400 if not.
bool check_upgrade(call const& call);

// Opens a WebSocket for the application behind `make`, unless admission refuses.
void accept(call const& call, std::string_view subprotocol, websocket_options const& options,
            std::function<std::unique_ptr<websocket_handler>(std::unique_ptr<handler>)> make);

}  // namespace broker::transport::sockjs
