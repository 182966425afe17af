#include "broker/transport/tls_context.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace broker::transport {
namespace {

// A BIO on a socket it does not own. OpenSSL's own one calls write(), which raises SIGPIPE when the
// peer is gone.
int bio_descriptor(BIO* bio) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int bio_outcome(BIO* bio, ssize_t count, int retry_flag) {
    BIO_clear_retry_flags(bio);
    if (count >= 0) return static_cast<int>(count);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        BIO_set_flags(bio, retry_flag | BIO_FLAGS_SHOULD_RETRY);
    return -1;
}

int bio_write(BIO* bio, char const* data, int size) {
    errno = 0;
    return bio_outcome(
        bio, ::send(bio_descriptor(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL),
        BIO_FLAGS_WRITE);
}

int bio_read(BIO* bio, char* data, int size) {
    errno = 0;
    auto const got = ::recv(bio_descriptor(bio), data, static_cast<std::size_t>(size), 0);
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return bio_outcome(bio, got, BIO_FLAGS_READ);
}

long bio_control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* socket_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* const made =
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stampede socket");
        BIO_meth_set_write(made, bio_write);
        BIO_meth_set_read(made, bio_read);
        BIO_meth_set_ctrl(made, bio_control);
        return made;
    }();
    return method;
}

[[noreturn]] void fail(std::string const& what) {
    std::array<char, 256> reason{"unknown error"};
    if (auto const code = ERR_get_error(); code != 0) {
        ERR_error_string_n(code, reason.data(), reason.size());
    }
    throw std::runtime_error(what + ": " + reason.data());
}

// Only HTTP/1.1 is spoken here; a client that offers nothing of it goes on without ALPN.
int choose_protocol(SSL*, unsigned char const** chosen, unsigned char* chosen_size,
                    unsigned char const* offered, unsigned int offered_size, void*) {
    static constexpr std::array<unsigned char, 9> ours{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* selected = nullptr;
    if (SSL_select_next_proto(&selected, chosen_size, ours.data(), ours.size(), offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *chosen = selected;
    return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<SSL_CTX> load(tls_files const& files) {
    ERR_clear_error();
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (context == nullptr) fail("TLS context");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_IGNORE_UNEXPECTED_EOF);
    // An idle session gives its record buffers back: 34 KiB each otherwise.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One recv for a record instead of one for its header and one for the rest.
    SSL_CTX_set_read_ahead(context.get(), 1);
    // Resumption by tickets, which the client keeps; a cache here would grow with every client.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context.get(), 1);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);

    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate_chain.c_str()) != 1) {
        fail("certificate " + files.certificate_chain);
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.private_key.c_str(), SSL_FILETYPE_PEM) !=
        1) {
        fail("private key " + files.private_key);
    }
    if (SSL_CTX_check_private_key(context.get()) != 1) {
        fail("private key " + files.private_key + " does not belong to certificate " +
             files.certificate_chain);
    }
    return context;
}

}  // namespace

tls_context::tls_context(tls_files files) : files_(std::move(files)), current_(load(files_)) {}

std::shared_ptr<SSL_CTX> tls_context::read_again() const {
    return load(files_);
}

void tls_context::use(std::shared_ptr<SSL_CTX> fresh) noexcept {
    current_.store(std::move(fresh));
}

ssl_ptr tls_context::new_session(int descriptor) const noexcept {
    auto const context = current_.load();
    ssl_ptr session(SSL_new(context.get()));
    if (session == nullptr) return nullptr;
    BIO* const bio = BIO_new(socket_method());
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
    BIO_set_init(bio, 1);
    SSL_set_bio(session.get(), bio, bio);
    SSL_set_accept_state(session.get());
    return session;
}

}  // namespace broker::transport
