#include "broker/registry/redis/tls_session.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <stdexcept>
#include <system_error>

namespace broker::redis {

namespace {

using std::chrono::steady_clock;

bool is_ip_address(std::string const& host) {
    std::array<unsigned char, sizeof(in6_addr)> parsed;
    return inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

int as_int(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

deadline::deadline(std::chrono::milliseconds from_now) : at_(steady_clock::now() + from_now) {}

bool deadline::wait(int socket, short events) const noexcept {
    for (;;) {
        auto const left =
            std::chrono::ceil<std::chrono::milliseconds>(at_ - steady_clock::now()).count();
        if (left <= 0) return false;
        pollfd waiting{.fd = socket, .events = events, .revents = 0};
        if (poll(&waiting, 1, static_cast<int>(std::min<long long>(left, 60'000))) > 0) return true;
    }
}

void tls_session::closer::operator()(SSL_CTX* context) const noexcept {
    SSL_CTX_free(context);
}

void tls_session::closer::operator()(SSL* session) const noexcept {
    SSL_free(session);
}

tls_session::tls_session(int socket, std::string const& host, std::string const& ca_file,
                         std::chrono::milliseconds timeout)
    : server_(host, ca_file), context_(SSL_CTX_new(TLS_client_method())) {
    if (context_ == nullptr) throw std::bad_alloc();
    server_.prepare(context_.get());
    // What waits to be written grows, and may move, between two attempts.
    SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    session_.reset(SSL_new(context_.get()));
    if (session_ == nullptr || SSL_set_fd(session_.get(), socket) != 1) throw std::bad_alloc();
    if (!is_ip_address(host)) {
        // The macro for it has a cast of C.
        SSL_ctrl(session_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));
    }
    shake_hands(socket, timeout);
}

void tls_session::shake_hands(int socket, std::chrono::milliseconds timeout) {
    deadline const until(timeout);
    for (;;) {
        ERR_clear_error();
        int const outcome = SSL_connect(session_.get());
        if (outcome == 1) return;
        int const error = SSL_get_error(session_.get(), outcome);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
            throw std::runtime_error(server_.failure("broken off in the TLS handshake"));
        }
        if (!until.wait(socket, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) {
            throw std::runtime_error("no answer in the TLS handshake; does the port speak TLS?");
        }
    }
}

std::size_t tls_session::write(std::string_view data) {
    ERR_clear_error();
    int const outcome = SSL_write(session_.get(), data.data(), as_int(data.size()));
    if (outcome > 0) return static_cast<std::size_t>(outcome);
    check(outcome, "writing");
    return 0;
}

std::size_t tls_session::read(std::span<char> into) {
    ERR_clear_error();
    int const outcome = SSL_read(session_.get(), into.data(), as_int(into.size()));
    if (outcome > 0) return static_cast<std::size_t>(outcome);
    check(outcome, "reading");
    return 0;
}

bool tls_session::has_more() const noexcept {
    return SSL_pending(session_.get()) > 0;
}

void tls_session::check(int outcome, char const* doing) const {
    int const system_error = errno;
    switch (SSL_get_error(session_.get(), outcome)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: return;
        case SSL_ERROR_ZERO_RETURN: throw std::runtime_error("Server closed the connection");
        case SSL_ERROR_SYSCALL:
            throw std::runtime_error(system_error == 0
                                         ? "Server closed the connection"
                                         : std::system_category().message(system_error));
        default: throw std::runtime_error(server_.failure(doing));
    }
}

}  // namespace broker::redis
