#pragma once

#include <string>

// Where a RabbitMQ is, as operators write it.

namespace rabbitmq {

struct broker_address {
    std::string host;
    int port = 5672;
    std::string user;
    std::string password;
    std::string vhost = "/";
    bool tls = false;

    // "host:port", for logs.
    std::string shown() const { return host + ":" + std::to_string(port); }
};

// "amqp://[user[:password]@]host[:port][/vhost]", parts percent-encoded; amqps, whose port is 5671
// unless it is said, is TLS. Throws std::invalid_argument, without repeating the url: it may hold a
// password.
broker_address parse_address(std::string url, std::string const& otherwise_password);

}  // namespace rabbitmq
