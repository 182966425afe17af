#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <variant>
#include <vector>

// One request over HTTP, by libcurl, of which only the status of the answer matters. Blocks: for
// threads that may.

namespace node::discovery {

struct server_address {
    std::string url;  // without credentials and without a slash at its end: fit for a log
    std::string user;
    std::string password;
};

// Takes an address apart, "http://user:password@host:8761/eureka". Throws std::invalid_argument,
// whose text does not repeat it. `password` is for an address with a user and without a password.
server_address parse_server(std::string const& text, std::string const& password);

struct call {
    std::string method;
    std::string path;  // behind the server's address
    std::string json;  // the body; empty: none
};

struct call_failure {
    std::string reason;
};

// Redirections are not followed. Ends soon after `stop` becomes true.
std::variant<unsigned, call_failure> http_call(server_address const& to, call const& what,
                                               std::chrono::milliseconds timeout,
                                               std::atomic<bool> const& stop);

}  // namespace node::discovery
