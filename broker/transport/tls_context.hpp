#pragma once

#include "broker/transport/byte_stream.hpp"

#include <atomic>
#include <memory>
#include <string>

// The certificate of a listener and what else its TLS sessions share. The certificate can be
// exchanged while connections live: they keep the old one, new ones get the new one. TLS 1.2 and
// later. Safe from every thread.

namespace broker::transport {

struct tls_files {
    std::string certificate_chain;  // PEM: the certificate first, then those that signed it
    std::string private_key;        // PEM

    friend bool operator==(tls_files const&, tls_files const&) = default;
};

class tls_context {
public:
    // Throws std::runtime_error, with the file and OpenSSL's reason, when they cannot be used.
    explicit tls_context(tls_files files);

    tls_files const& files() const noexcept { return files_; }

    // Reads the files again, for use(); throws as the constructor does.
    std::shared_ptr<SSL_CTX> read_again() const;
    // For sessions that come from now on.
    void use(std::shared_ptr<SSL_CTX> fresh) noexcept;

    // A server session on the socket; null when memory is short.
    ssl_ptr new_session(int descriptor) const noexcept;

private:
    tls_files files_;
    std::atomic<std::shared_ptr<SSL_CTX>> current_;
};

}  // namespace broker::transport
