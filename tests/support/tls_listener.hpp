#pragma once

#include "tests/support/certificates.hpp"

#include <openssl/types.h>

#include <atomic>
#include <memory>
#include <thread>

// A server with TLS and nothing behind it: it makes the handshake with each client, one after the
// other, and closes the connection.

namespace tests {

class tls_listener {
public:
    explicit tls_listener(certificate_authority::files const& identity);
    ~tls_listener();
    tls_listener(tls_listener const&) = delete;
    tls_listener& operator=(tls_listener const&) = delete;

    int port() const { return port_; }

private:
    void run() const;

    std::shared_ptr<SSL_CTX> context_;
    int listening_ = -1;
    int port_ = 0;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace tests
