#pragma once

#include "broker/transport/forwarding/forwarder.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/sockjs/handler.hpp"
#include "broker/transport/sockjs/service_options.hpp"
#include "broker/transport/sockjs/shard_context.hpp"

#include <memory>

// One SockJS endpoint of a node: everything below its prefix, on every shard.
//
//     sockjs::service chat{options, make_handler};
//     chat.add_to(routes);

namespace broker::transport::sockjs {

class service {
public:
    // Throws std::invalid_argument for options that make no sense. `factory` is called on every
    // shard, at the same time.
    service(service_options options, handler_factory factory,
            shard_context_source contexts = current_loop);
    // After the loops have stopped and before they are destroyed. Handlers that are still there get
    // no on_close.
    ~service();
    service(service const&) = delete;
    service& operator=(service const&) = delete;

    // Registers the prefix and all below it. The service must outlive the routes' last use.
    void add_to(http_routes& routes);

    // The same for a listener that only other nodes use: what they forward for sessions that live
    // here, and 404 for everything and everybody else.
    void add_internal_to(http_routes& routes);

    // Any shard; for those who route themselves.
    void handle(http_exchange_ptr const& exchange);

    // HTTP sessions of the shard that calls: for metrics and tests.
    std::size_t session_count(std::size_t shard) const;

    // Requests that were brought to other nodes. Any thread.
    forward_counts forwarded() const noexcept;

    struct impl;

private:
    std::unique_ptr<impl> impl_;
};

}  // namespace broker::transport::sockjs
