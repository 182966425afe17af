#include "broker/transport/forwarding/host_lookup.hpp"

#include "broker/transport/loop.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <utility>

namespace broker::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

struct host_and_port {
    std::string host;
    std::uint16_t port;
};

std::optional<host_and_port> split(std::string_view address) {
    auto const colon = address.rfind(':');
    if (colon == address.npos || colon == 0) return std::nullopt;
    auto host = address.substr(0, colon);
    auto const digits = address.substr(colon + 1);
    std::uint16_t port = 0;
    auto const* const end = digits.data() + digits.size();
    auto const read = std::from_chars(digits.data(), end, port);
    if (read.ec != std::errc() || read.ptr != end || port == 0) return std::nullopt;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return host_and_port{std::string(host), port};
}

socket_address converted(tcp::endpoint const& endpoint) {
    socket_address result;
    result.size = static_cast<socklen_t>(endpoint.size());
    std::memcpy(&result.storage, endpoint.data(), endpoint.size());
    return result;
}

}  // namespace

void look_up(loop& home, std::string_view address,
             unique_function<void(std::optional<socket_address>)> done) {
    auto const wanted = split(address);
    if (!wanted) return done(std::nullopt);
    boost::system::error_code error;
    auto const numeric = asio::ip::make_address(wanted->host, error);
    if (!error) return done(converted({numeric, wanted->port}));

    auto const resolver = std::make_shared<tcp::resolver>(home.io());
    auto finish = [resolver, done = std::move(done)](
                      boost::system::error_code failed,
                      tcp::resolver::results_type const& found) mutable {
        if (failed || found.empty()) return done(std::nullopt);
        done(converted(found.begin()->endpoint()));
    };
    resolver->async_resolve(wanted->host, std::to_string(wanted->port),
                            tcp::resolver::numeric_service, std::move(finish));
}

}  // namespace broker::transport
