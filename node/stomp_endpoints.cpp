#include "node/stomp_endpoints.hpp"

#include "broker/peer/sockjs_link.hpp"
#include "broker/shard.hpp"
#include "node/settings_mapping.hpp"

#include <optional>
#include <utility>

namespace node {

namespace transport = broker::transport;

std::unique_ptr<transport::sockjs::service> add_stomp_endpoints(
    config::settings const& settings, stomp_entrance const& to, transport::http_routes& routes,
    transport::http_routes& routes_for_nodes) {
    auto const here = [&server = to.server]() -> broker::shard& { return server.here(); };
    broker::add_websocket_endpoint(routes, websocket_endpoint_of(settings), to.ask, here);

    auto options = sockjs_options_of(settings);
    options.owners = to.owners;
    options.admit =
        [ask = to.ask](
            transport::http_request const& opening, broker::executor& home,
            broker::unique_function<void(std::optional<transport::http_response>)> done) {
            broker::check_handshake(ask, opening, home, std::move(done));
        };
    auto make_link = [&limiter = to.ask.limits, here](
                         transport::http_request const& opening,
                         broker::executor&) -> std::unique_ptr<transport::sockjs::handler> {
        auto from = broker::origin_of(limiter, opening);
        if (!from) return nullptr;
        return broker::make_sockjs_link(here(), std::move(*from));
    };
    auto sockjs =
        std::make_unique<transport::sockjs::service>(std::move(options), std::move(make_link));
    sockjs->add_to(routes);
    if (to.owners != nullptr) sockjs->add_internal_to(routes_for_nodes);
    return sockjs;
}

}  // namespace node
