#include "tests/support/tls_listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>
#include <stdexcept>

namespace tests {

tls_listener::tls_listener(certificate_authority::files const& identity)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
      listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto* const context = context_.get();
    if (SSL_CTX_use_certificate_chain_file(context, identity.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, identity.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw std::runtime_error("tls_listener: the certificate");
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(listening_, any, size) != 0 || listen(listening_, 16) != 0 ||
        getsockname(listening_, any, &size) != 0) {
        throw std::runtime_error("tls_listener: no port");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

tls_listener::~tls_listener() {
    stopping_ = true;
    shutdown(listening_, SHUT_RDWR);
    thread_.join();
    close(listening_);
}

void tls_listener::run() const {
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    while (!stopping_) {
        int const client = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        std::unique_ptr<SSL, decltype(&SSL_free)> const session(SSL_new(context_.get()), SSL_free);
        SSL_set_fd(session.get(), client);
        if (SSL_accept(session.get()) == 1) SSL_shutdown(session.get());
        close(client);
    }
}

}  // namespace tests
