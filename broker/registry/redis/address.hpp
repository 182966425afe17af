#pragma once

#include <string>
#include <string_view>

// Where a Redis is, as operators write it.

namespace broker::redis {

struct address {
    std::string host;
    int port = 6379;
    std::string user{};
    std::string password{};
    int database = 0;
    bool tls = false;

    // "host:port", for logs and to compare servers.
    std::string place() const;
};

// "redis://[[user]:password@]host[:port][/database]", parts percent-encoded; rediss is TLS. Throws
// std::invalid_argument, whose text never repeats what was given: it may hold a password.
address parse_url(std::string_view url);

// "host[:port]", "[::1]:26379". Throws std::invalid_argument.
address parse_place(std::string_view text, int default_port);

// The place of a Sentinel; "rediss://" before it is TLS, also with the master that it names. Throws
// std::invalid_argument.
address parse_sentinel(std::string_view text);

}  // namespace broker::redis
