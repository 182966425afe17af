#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

// What all TLS connections with the same trust share, made once.

struct ssl_ctx_st;
struct ssl_st;

namespace bench {

struct tls_closer {
    void operator()(ssl_ctx_st* context) const noexcept;
    void operator()(ssl_st* session) const noexcept;
};
using tls_session = std::unique_ptr<ssl_st, tls_closer>;

class tls_contexts {
public:
    // A client session for the socket: it names `host` to the server and, when it verifies, takes
    // only a certificate for it that the authority (a PEM file; empty: the system's) stands for.
    // Throws std::runtime_error when the file is no good.
    tls_session open(int socket, std::string const& host, bool verify,
                     std::string const& authority);

private:
    ssl_ctx_st& context(bool verify, std::string const& authority);

    std::map<std::pair<bool, std::string>, std::unique_ptr<ssl_ctx_st, tls_closer>> contexts_;
};

}  // namespace bench
