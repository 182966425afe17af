#pragma once

#include "broker/ports/executor.hpp"
#include "broker/shard_metrics.hpp"
#include "broker/trace_context.hpp"
#include "broker/transport/websocket_handler.hpp"
#include "broker/unique_function.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// HTTP as the rest of the node sees it: a request, and an exchange through which it is answered,
// whole or piece by piece, at once or later. No HTTP library's type shows here.
// Everything lives on the shard of the connection.

namespace broker::transport {

struct http_header {
    std::string name;
    std::string value;
};

// A whole request: the body has been read (and its limit checked) before a handler sees it.
struct http_request {
    std::string method;
    std::string target;  // as sent
    std::string path;    // without query; still percent-encoded
    std::string query;   // after '?', may be empty
    std::vector<http_header> headers;
    std::string body;
    std::string peer_address;  // "192.0.2.1:55012", of the socket
    bool secure = false;       // over TLS
    unsigned version = 11;     // 10 or 11
    std::string id;            // X-Request-Id if it is sane, else one of our own; for logs

    // The first header of that name, compared without case.
    std::optional<std::string_view> header(std::string_view name) const;
    // The decoded value of a query parameter (the first of that name).
    std::optional<std::string> query_parameter(std::string_view name) const;
    // The value of a cookie.
    std::optional<std::string_view> cookie(std::string_view name) const;
};

struct http_response {
    unsigned status = 200;
    std::vector<http_header> headers;  // Content-Length, Connection and Date are added
    std::string body;
    // A body that outlives every response (an embedded file): sent instead of `body` when not
    // empty.
    std::string_view static_body;
};

// One request and the way to answer it. Held by shared_ptr; the connection keeps one until the
// answer is complete. After on_abort, or a complete answer, every call is ignored.
class http_exchange {
public:
    virtual ~http_exchange() = default;

    virtual http_request const& request() const = 0;
    virtual executor& home() = 0;  // the shard; for completions from other threads

    virtual void respond(http_response response) = 0;

    // Streaming: the head first (status and headers; no length), then pieces, then the end. One
    // piece is one HTTP chunk; an HTTP/1.0 client gets no chunks and a close at the end.
    virtual void start_stream(http_response const& head) = 0;
    virtual void write(std::string piece) = 0;
    virtual void finish() = 0;
    virtual std::size_t queued_bytes() const = 0;

    // Called once if the peer goes away before the answer is complete.
    virtual void on_abort(unique_function<void()> callback) = 0;

    // Called once when the network has taken everything that is queued now.
    virtual void on_drained(unique_function<void()> callback) = 0;

    // Whether the request is a well-formed WebSocket handshake (RFC 6455 §4.2.1).
    virtual bool is_websocket_upgrade() const = 0;
    // Answers 101 and hands the connection to `handler`. `subprotocol` is one that the client
    // offered, or empty.
    virtual void accept_websocket(std::string_view subprotocol, websocket_options const& options,
                                  std::unique_ptr<websocket_handler> handler) = 0;

    // Drops the connection without an answer.
    virtual void drop() = 0;

    // Moves connection and request to another shard, where `handler` is called with the exchange as
    // if the request had arrived there. This exchange is dead afterwards. `shard` < number of
    // shards.
    virtual void move_to_shard(std::size_t shard,
                               std::function<void(std::shared_ptr<http_exchange>)> handler) = 0;
    virtual std::size_t shard_index() const = 0;
    virtual std::size_t shard_count() const = 0;
};

using http_exchange_ptr = std::shared_ptr<http_exchange>;
using http_handler = std::function<void(http_exchange_ptr)>;

// Which handler a path belongs to. Filled at start, then only read, from every shard.
class http_routes {
public:
    // An exact path, or a prefix when it ends with "/*" ("/api/*" takes "/api" and all below it).
    // The longest match wins; methods are the handler's affair.
    // `group`: what its requests are counted as.
    void add(std::string pattern, http_handler handler,
             http_route_group group = http_route_group::other);

    struct route {
        http_handler handler;
        http_route_group group = http_route_group::other;
    };
    // Answers 404 where nothing matches.
    route const& find(std::string_view path) const;

private:
    static void answer_not_found(http_exchange_ptr const& exchange);

    std::vector<std::pair<std::string, route>> exact_;
    std::vector<std::pair<std::string, route>> prefixes_;
    route not_found_{answer_not_found};
};

// What the request shall be called: its header X-Request-Id if that is 1 to 200 visible characters
// of ASCII, else something new.
std::string request_id_for(http_request const& request);

// The trace of its headers traceparent, which must stand there once, and tracestate; null without.
trace_ptr trace_of(http_request const& request);

// %41 to A. What is no escape stays as it is; '+' becomes a space in queries and forms only.
std::string percent_decoded(std::string_view text, bool plus_is_space = false);

// The usual answer in one line.
http_response text_response(unsigned status, std::string body,
                            std::string content_type = "text/plain; charset=UTF-8");

}  // namespace broker::transport
