#pragma once

#include <openssl/types.h>

#include <string>

// What a client asks of the server at the other end of a TLS connection, and why a server was
// refused, in words for an operator. One thread.

namespace broker::tls {

// Throws std::runtime_error when `ca_file` cannot be read or has no certificate in it. Empty, which
// stands for the system's authorities, is always right.
void check_authorities(std::string const& ca_file);

// Whether a server is who it should be: its certificate comes from an authority in `ca_file`
// (empty: one of the system's), is valid now, and is for `host`, a name or an IP address. A
// connection with any other server is not made. There is no way to leave the check out.
class server_check {
public:
    server_check(std::string host, std::string ca_file);
    server_check(server_check const&) = delete;
    server_check& operator=(server_check const&) = delete;

    // Makes the handshakes of a context that is for this server only: TLS 1.2 or later, and the
    // check, for which this must live as long as handshakes are made. Throws as
    // check_authorities().
    void prepare(SSL_CTX* context);

    // Why the handshake that failed last on this thread did; `otherwise` when TLS does not know.
    std::string failure(std::string const& otherwise) const;

private:
    static int verify(X509_STORE_CTX* chain, void* self);
    std::string reason(X509_STORE_CTX const& chain) const;

    std::string const host_;
    std::string const ca_file_;
    std::string refused_;  // empty: the certificate was not the reason
};

}  // namespace broker::tls
