#include "node/discovery/discover.hpp"

#include "node/health/monitor.hpp"
#include "node/version.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/host_name.hpp>
#include <string_view>
#include <utility>

namespace node::discovery {
namespace {

std::chrono::seconds to_seconds(config::duration value) {
    return std::chrono::ceil<std::chrono::seconds>(std::chrono::milliseconds(value));
}

struct interfaces_closer {
    void operator()(ifaddrs* all) const noexcept { freeifaddrs(all); }
};

std::string numeric(sockaddr const* address) {
    std::array<char, NI_MAXHOST> text{};
    auto const size = address->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    auto const failed = getnameinfo(address, static_cast<socklen_t>(size), text.data(), text.size(),
                                    nullptr, 0, NI_NUMERICHOST);
    return failed == 0 ? text.data() : std::string();
}

// Of the first interface that leads to others; IPv4 before IPv6, whose addresses of one link
// (fe80::) are of use to nobody else.
std::string outward_address() {
    ifaddrs* found = nullptr;
    if (getifaddrs(&found) != 0) return "127.0.0.1";
    std::unique_ptr<ifaddrs, interfaces_closer> const all(found);
    std::string v6;
    for (auto const* each = all.get(); each != nullptr; each = each->ifa_next) {
        bool const leads_out = (each->ifa_flags & IFF_UP) != 0 &&
                               (each->ifa_flags & IFF_LOOPBACK) == 0 && each->ifa_addr != nullptr;
        if (!leads_out) continue;
        if (each->ifa_addr->sa_family == AF_INET) return numeric(each->ifa_addr);
        if (each->ifa_addr->sa_family != AF_INET6 || !v6.empty()) continue;
        auto const address = numeric(each->ifa_addr);
        if (!address.starts_with("fe80:")) v6 = address;
    }
    return v6.empty() ? "127.0.0.1" : v6;
}

bound_listener const* first_of(std::span<bound_listener const> listeners,
                               config::listener_protocol protocol, bool tls) {
    auto const found = std::ranges::find_if(listeners, [&](bound_listener const& each) {
        return each.protocol == protocol && each.tls == tls;
    });
    return found == listeners.end() ? nullptr : &*found;
}

std::optional<std::uint16_t> port_of(std::uint32_t told, bound_listener const* listener) {
    if (told != 0) return static_cast<std::uint16_t>(told);
    if (listener != nullptr) return listener->address.port;
    return std::nullopt;
}

std::string address_of(std::string const& told, bound_listener const* listener) {
    if (!told.empty()) return told;
    bool const tells = listener != nullptr && listener->address.host != "0.0.0.0" &&
                       listener->address.host != "::";
    return tells ? listener->address.host : outward_address();
}

void set(std::vector<std::pair<std::string, std::string>>& in, std::string_view name,
         std::string_view value) {
    auto const found = std::ranges::find(in, name, [](auto const& each) { return each.first; });
    if (found == in.end()) {
        in.emplace_back(name, value);
    } else {
        found->second = value;
    }
}

}  // namespace

eureka_options eureka_options_of(config::eureka_settings const& from) {
    eureka_options out;
    for (auto const& url : from.urls) out.servers.push_back(parse_server(url, from.password));
    out.timeout = std::chrono::milliseconds(from.timeout);
    return out;
}

instance self_of(config::settings const& from, std::span<bound_listener const> listeners,
                 std::string const& node_id) {
    using enum config::listener_protocol;
    auto const& told = from.eureka;
    auto const* const plain = first_of(listeners, http, false);
    auto const* const secure = first_of(listeners, http, true);
    instance out;
    out.app = told.app;
    out.host_name = told.host_name.empty() ? boost::asio::ip::host_name() : told.host_name;
    out.ip_address = address_of(told.ip_address, plain != nullptr ? plain : secure);
    out.port = port_of(told.port, plain);
    out.secure_port = port_of(told.secure_port, secure);
    auto const port = out.port ? out.port : out.secure_port;
    out.id = !told.instance_id.empty()
                 ? told.instance_id
                 : out.host_name + ":" + out.app + ":" + std::to_string(port.value_or(0));
    out.heart_beat = to_seconds(told.heart_beat);
    out.lease = to_seconds(told.lease);

    set(out.metadata, "websocketPath", from.http.websocket_path);
    set(out.metadata, "sockjsPath", from.sockjs.path);
    set(out.metadata, "nodeId", node_id);
    set(out.metadata, "version", version());
    if (auto const* const stomp_over_tcp = first_of(listeners, stomp, false)) {
        set(out.metadata, "stompPort", std::to_string(stomp_over_tcp->address.port));
    }
    for (std::string_view const each : told.metadata) {
        auto const sign = each.find('=');
        set(out.metadata, each.substr(0, sign), each.substr(sign + 1));
    }
    return out;
}

std::unique_ptr<eureka_client> make_client(config::settings const& from,
                                           std::span<bound_listener const> listeners,
                                           std::string const& node_id,
                                           health::monitor const& health) {
    if (from.eureka.urls.empty()) return nullptr;
    return std::make_unique<eureka_client>(eureka_options_of(from.eureka),
                                           self_of(from, listeners, node_id), [&health] {
                                               auto const page = health.ready();
                                               return status_of(page.good, page.status);
                                           });
}

void add_metrics(metrics_page& to, eureka_counts const& counts) {
    static constexpr std::array<std::string_view, action_count> actions{"register", "renew",
                                                                        "deregister"};
    static constexpr std::array<std::string_view, outcome_count> outcomes{"accepted", "unknown",
                                                                          "failed"};
    to.add(metric::eureka_registered, static_cast<double>(counts.registered.value()));
    for (std::size_t i = 0; i < actions.size(); ++i) {
        for (std::size_t j = 0; j < outcomes.size(); ++j) {
            to.add(metric::eureka_requests, static_cast<double>(counts.requests[i][j].value()),
                   {actions[i], outcomes[j]});
        }
    }
}

}  // namespace node::discovery
