#include "rabbitmq/broker_address.hpp"

#include <amqp.h>
#include <stdexcept>

namespace rabbitmq {

broker_address parse_address(std::string url, std::string const& otherwise_password) {
    bool const has_password = [&url] {
        auto const host = url.find('@');
        auto const scheme = url.find("://");
        return host != std::string::npos && scheme != std::string::npos &&
               url.substr(scheme + 3, host - scheme - 3).find(':') != std::string::npos;
    }();
    amqp_connection_info info{};
    if (amqp_parse_url(url.data(), &info) != AMQP_STATUS_OK) {
        throw std::invalid_argument("not an address such as amqp://user@host:5672/vhost");
    }
    broker_address address;
    address.host = info.host;
    address.port = info.port;
    address.user = info.user;
    address.password =
        has_password || otherwise_password.empty() ? info.password : otherwise_password.c_str();
    if (info.vhost != nullptr && *info.vhost != '\0') address.vhost = info.vhost;
    address.tls = info.ssl != 0;
    return address;
}

}  // namespace rabbitmq
