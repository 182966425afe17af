#include "bench/client/tls.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <stdexcept>

namespace bench {
namespace {

[[noreturn]] void fail(std::string const& what) {
    char const* const why = ERR_reason_error_string(ERR_get_error());
    ERR_clear_error();
    throw std::runtime_error(why == nullptr ? what : what + ": " + why);
}

bool is_address(std::string const& host) noexcept {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

void tls_closer::operator()(ssl_ctx_st* context) const noexcept {
    SSL_CTX_free(context);
}

void tls_closer::operator()(ssl_st* session) const noexcept {
    SSL_free(session);
}

ssl_ctx_st& tls_contexts::context(bool verify, std::string const& authority) {
    auto& out = contexts_[{verify, authority}];
    if (out != nullptr) return *out;
    std::unique_ptr<ssl_ctx_st, tls_closer> made(SSL_CTX_new(TLS_client_method()));
    if (made == nullptr) fail("TLS");
    SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
    // An idle session keeps no buffers; what is to be sent may move between two attempts.
    SSL_CTX_set_mode(made.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
    if (verify) {
        SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
        if (authority.empty()) {
            if (SSL_CTX_set_default_verify_paths(made.get()) != 1) fail("the system's authorities");
        } else if (SSL_CTX_load_verify_file(made.get(), authority.c_str()) != 1) {
            fail("the authority's file " + authority);
        }
    }
    out = std::move(made);
    return *out;
}

tls_session tls_contexts::open(int socket, std::string const& host, bool verify,
                               std::string const& authority) {
    tls_session out(SSL_new(&context(verify, authority)));
    if (out == nullptr || SSL_set_fd(out.get(), socket) != 1) fail("TLS");
    bool const address = is_address(host);
    // Names only (RFC 6066, section 3). The library's macro for it has a cast that we refuse.
    if (!address) {
        SSL_ctrl(out.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));
    }
    if (verify) {
        auto* const wanted = SSL_get0_param(out.get());
        int const set = address ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str())
                                : X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
        if (set != 1) fail("TLS for " + host);
    }
    SSL_set_connect_state(out.get());
    return out;
}

}  // namespace bench
