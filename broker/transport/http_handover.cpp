// How a socket leaves its http_connection: to a WebSocket, or to another shard.

#include "broker/transport/connection_host.hpp"
#include "broker/transport/http_connection.hpp"
#include "broker/transport/http_exchange.hpp"
#include "broker/transport/http_tokens.hpp"
#include "broker/transport/websocket_handshake.hpp"
#include "broker/transport/websocket_wire.hpp"

#include <string>
#include <utility>

namespace broker::transport {
namespace {

// Several headers of the name are one list (RFC 9110 §5.3).
std::string joined_headers(http_request const& request, std::string_view name) {
    std::string joined;
    for (auto const& header : request.headers) {
        if (!equal_ignoring_case(header.name, name)) continue;
        if (!joined.empty()) joined += ',';
        joined += header.value;
    }
    return joined;
}

// What travels to the other shard. If that one has stopped, the socket closes with this.
struct travelling_connection {
    byte_stream stream;
    peer_address peer;
    http_request request;
    http_route_group group;
    bool keep_alive;
    std::string input;
};

}  // namespace

std::size_t http_connection::shard_count() {
    return host().shared().hosts.size();
}

void http_connection::accept_websocket(std::string_view subprotocol,
                                       websocket_options const& options,
                                       std::unique_ptr<websocket_handler> handler) {
    count_answer(101);
    auto const exchange = take_exchange();
    auto const& request = exchange->request();
    websocket_setup setup;
    setup.options = &host().intern(options);
    std::string extensions;
    if (options.permessage_deflate) {
        if (auto agreed = negotiate_deflate(joined_headers(request, "sec-websocket-extensions"))) {
            setup.deflate = true;
            setup.deflate_window_bits = agreed->server_window_bits;
            extensions = std::move(agreed->response);
        }
    }
    setup.response = handshake_response(request, subprotocol, extensions);
    setup.input = std::move(input_);

    auto wire =
        std::make_unique<websocket_wire>(host(), release(), std::move(setup), std::move(handler));
    auto& opened = *wire;
    host().add(std::move(wire));
    opened.open();
}

void http_connection::move_to_shard(std::size_t shard,
                                    std::function<void(std::shared_ptr<http_exchange>)> handler) {
    auto const exchange = take_exchange();
    auto const& routes = routes_;
    auto& target = *host().shared().hosts[shard];
    auto cargo = travelling_connection{release(), peer_,       exchange->take_request(),
                                       group_,    keep_alive_, std::move(input_)};
    target.home().post([&target, &routes, cargo = std::move(cargo),
                        handler = std::move(handler)]() mutable {
        auto arrived =
            std::make_unique<http_connection>(target, std::move(cargo.stream), cargo.peer, routes);
        auto& there = *arrived;
        target.add(std::move(arrived));
        there.continue_with(std::move(cargo.request), cargo.group, cargo.keep_alive,
                            std::move(cargo.input), handler);
    });
}

}  // namespace broker::transport
