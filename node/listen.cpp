#include "node/listen.hpp"

#include "broker/peer/tcp_link.hpp"
#include "node/event_log.hpp"
#include "node/settings_mapping.hpp"

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string_view>

namespace node {
namespace {

namespace transport = broker::transport;

// The address with the port that it really has.
config::listen_address opened(config::listen_address wanted,
                              boost::system::result<std::uint16_t> const& port,
                              std::string_view protocol, bool tls) {
    if (!port) {
        throw std::runtime_error("cannot listen on " + to_string(wanted) + ": " +
                                 port.error().message());
    }
    wanted.port = *port;
    log_info("listening",
             {{"address", to_string(wanted)}, {"protocol", protocol}, {"tls", tls ? "yes" : "no"}});
    return wanted;
}

}  // namespace

std::string listen_for_nodes(config::settings const& settings,
                             transport::transport_server& transports,
                             transport::http_routes& routes) {
    if (!settings.clustered()) return {};
    auto const port = transports.listen(internal_listener_options_of(settings.cluster), routes);
    auto const real = opened(settings.cluster.internal_listener, port, "internal", false);
    auto const& told = settings.cluster.internal_address;
    return told.empty() ? to_string(real) : told;
}

std::vector<bound_listener> listen_for_clients(std::vector<config::listener_settings> const& wanted,
                                               transport::transport_server& transports,
                                               transport::http_routes& routes,
                                               broker::server& server) {
    auto const make_link = [&server](transport::loop&, std::string_view peer) {
        return broker::make_tcp_link(server.here(), peer);
    };
    std::vector<bound_listener> all;
    for (auto const& each : wanted) {
        bool const http = each.protocol == config::listener_protocol::http;
        auto const options = listener_options_of(each);
        auto const port =
            http ? transports.listen(options, routes) : transports.listen(options, make_link);
        auto const real = opened(each.address, port, http ? "http" : "stomp", each.tls());
        all.push_back({each.protocol, each.tls(), real});
    }
    return all;
}

}  // namespace node
