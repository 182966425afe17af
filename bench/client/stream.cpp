#include "bench/client/stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <limits>
#include <system_error>

namespace bench {
namespace {

struct known_error {
    int number;
    std::string_view text;
};
constexpr known_error known_errors[] = {
    {ECONNREFUSED, "connection refused"},
    {ECONNRESET, "connection reset by the server"},
    {EPIPE, "connection reset by the server"},
    {ETIMEDOUT, "connection timed out"},
    {EMFILE, "too many open files: raise the limit (ulimit -n)"},
    {EADDRNOTAVAIL, "no free port at this source address: use several (127.0.0.x)"},
};

std::string tls_error(ssl_st* tls, int kind, int number) {
    auto const code = ERR_get_error();
    std::string out = "TLS: ";
    if (kind == SSL_ERROR_SYSCALL && code == 0) {
        return out + (number == 0 ? "closed by the server" : error_text(number));
    }
    if (long const verified = SSL_get_verify_result(tls);
        ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
        out += "the certificate is refused: ";
        out += X509_verify_cert_error_string(verified);
    } else {
        char const* const why = ERR_reason_error_string(code);
        out += why == nullptr ? "failed" : why;
    }
    ERR_clear_error();
    return out;
}

progress tls_progress(ssl_st* tls, int result, std::string& error) {
    int const number = errno;
    int const kind = SSL_get_error(tls, result);
    switch (kind) {
        case SSL_ERROR_WANT_READ: return progress::wants_read;
        case SSL_ERROR_WANT_WRITE: return progress::wants_write;
        case SSL_ERROR_ZERO_RETURN: return progress::ended;
        default: break;
    }
    // Many servers end without TLS's farewell.
    if (SSL_is_init_finished(tls) != 0 &&
        ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return progress::ended;
    }
    error = tls_error(tls, kind, number);
    return progress::failed;
}

}  // namespace

std::string error_text(int number) {
    if (auto const* const known = std::ranges::find(known_errors, number, &known_error::number);
        known != std::end(known_errors)) {
        return std::string(known->text);
    }
    std::string out = std::generic_category().message(number);
    if (!out.empty()) {
        out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
    }
    return out;
}

stream& stream::operator=(stream&& other) noexcept {
    close();
    socket_ = std::exchange(other.socket_, -1);
    tls_ = std::move(other.tls_);
    return *this;
}

bool stream::connect(socket_address const& to, socket_address const* from, std::string& error) {
    close();
    socket_ = ::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int const on = 1;
    bool begun = socket_ >= 0;
    if (begun) setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (begun && from != nullptr) {
        // The port is chosen at connect(): it need only be unique together with the server's.
        setsockopt(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        begun = bind(socket_, from->get(), from->size) == 0;
    }
    begun = begun && (::connect(socket_, to.get(), to.size) == 0 || errno == EINPROGRESS);
    if (!begun) {
        error = error_text(errno);
        close();
    }
    return begun;
}

std::string stream::connect_error() const {
    int number = 0;
    socklen_t size = sizeof number;
    if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
    return number == 0 ? std::string() : error_text(number);
}

void stream::open_tls(tls_contexts& contexts, std::string const& host, bool verify,
                      std::string const& authority) {
    tls_ = contexts.open(socket_, host, verify, authority);
}

progress stream::shake_hands(std::string& error) {
    errno = 0;
    int const result = SSL_do_handshake(tls_.get());
    if (result == 1) return progress::done;
    auto const what = tls_progress(tls_.get(), result, error);
    if (what == progress::ended) {
        error = "TLS: closed by the server";
        return progress::failed;
    }
    return what;
}

stream::moved stream::read(std::span<char> into, std::string& error) {
    if (tls_ == nullptr) {
        auto const got = recv(socket_, into.data(), into.size(), 0);
        if (got > 0) return {progress::done, static_cast<std::size_t>(got)};
        if (got == 0) return {progress::ended};
        if (errno == EAGAIN || errno == EINTR) return {progress::wants_read};
        error = error_text(errno);
        return {progress::failed};
    }
    // A call gives one TLS record at most; what the library holds back wakes no epoll.
    std::size_t total = 0;
    while (total < into.size()) {
        std::size_t got = 0;
        errno = 0;
        int const result = SSL_read_ex(tls_.get(), into.data() + total, into.size() - total, &got);
        if (result != 1) {
            if (total > 0) break;  // said again by the next call
            return {tls_progress(tls_.get(), result, error)};
        }
        total += got;
    }
    return {progress::done, total};
}

stream::moved stream::write(std::string_view bytes, std::string& error) {
    if (tls_ == nullptr) {
        auto const sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) return {progress::done, static_cast<std::size_t>(sent)};
        if (errno == EAGAIN || errno == EINTR) return {progress::wants_write};
        error = error_text(errno);
        return {progress::failed};
    }
    std::size_t sent = 0;
    errno = 0;
    int const result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent);
    if (result == 1) return {progress::done, sent};
    return {tls_progress(tls_.get(), result, error)};
}

void stream::end_sending() noexcept {
    if (tls_ != nullptr) {
        SSL_shutdown(tls_.get());
        ERR_clear_error();
    }
    shutdown(socket_, SHUT_WR);
}

void stream::close() noexcept {
    tls_.reset();
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

}  // namespace bench
