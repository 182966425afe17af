#include "broker/tls/server_check.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <fstream>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

namespace broker::tls {
namespace {

// What a certificate says comes from a server that is not trusted: so much of it is repeated.
constexpr std::size_t longest_names = 300;

struct bio_closer {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

// What `print` writes.
template <typename Print>
std::string printed(Print print) {
    std::unique_ptr<BIO, bio_closer> const bio(BIO_new(BIO_s_mem()));
    if (bio == nullptr) return {};
    print(bio.get());
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &data);
    std::string text(data, static_cast<std::size_t>(size));
    if (text.size() > longest_names) text.replace(longest_names, std::string::npos, "...");
    return text;
}

std::string name_text(X509_NAME const* name) {
    return printed([name](BIO* to) {
        X509_NAME_print_ex(to, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    });
}

std::string time_text(ASN1_TIME const* time) {
    return printed([time](BIO* to) { ASN1_TIME_print_ex(to, time, ASN1_DTFLGS_ISO8601); });
}

// "DNS:localhost, IP Address:127.0.0.1", or the subject of a certificate without such names.
std::string names_of(X509 const* certificate) {
    int const at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
    if (at < 0) return name_text(X509_get_subject_name(certificate));
    return printed(
        [certificate, at](BIO* to) { X509V3_EXT_print(to, X509_get_ext(certificate, at), 0, 0); });
}

std::string openssl_text() {
    char const* const text = ERR_reason_error_string(ERR_peek_error());
    return text != nullptr ? text : "unknown error";
}

// True if what came was no TLS at all, as from a port that speaks something else.
bool not_tls(unsigned long error) {
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return false;
    switch (ERR_GET_REASON(error)) {
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
        case SSL_R_HTTP_REQUEST:
        case SSL_R_BAD_RECORD_TYPE:
        case SSL_R_UNEXPECTED_MESSAGE:
        case SSL_R_RECORD_LENGTH_MISMATCH: return true;
        default: return false;
    }
}

void load_authorities(X509_STORE* into, std::string const& ca_file) {
    bool const loaded = X509_STORE_load_file(into, ca_file.c_str()) == 1;
    ERR_clear_error();
    if (loaded) return;
    bool const opens = std::ifstream(ca_file).good();
    throw std::runtime_error(ca_file +
                             (opens ? " has no certificate in PEM in it" : " cannot be read"));
}

}  // namespace

void check_authorities(std::string const& ca_file) {
    if (ca_file.empty()) return;
    std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> const store(X509_STORE_new(),
                                                                        X509_STORE_free);
    if (store == nullptr) throw std::bad_alloc();
    load_authorities(store.get(), ca_file);
}

server_check::server_check(std::string host, std::string ca_file)
    : host_(std::move(host)), ca_file_(std::move(ca_file)) {}

void server_check::prepare(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (ca_file_.empty()) {
        if (SSL_CTX_set_default_verify_paths(context) != 1) {
            throw std::runtime_error("the system's authorities cannot be read");
        }
    } else {
        load_authorities(SSL_CTX_get_cert_store(context), ca_file_);
    }
    // OpenSSL compares the name itself, as a part of the verification.
    auto* const wanted = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host_.c_str()) != 1 &&
        X509_VERIFY_PARAM_set1_host(wanted, host_.data(), host_.size()) != 1) {
        throw std::runtime_error("TLS needs the name of a host");
    }
    ERR_clear_error();
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context, verify, this);
}

int server_check::verify(X509_STORE_CTX* chain, void* self) {
    auto& check = *static_cast<server_check*>(self);
    check.refused_.clear();
    int const verified = X509_verify_cert(chain);
    if (verified == 1) return 1;
    try {
        check.refused_ = check.reason(*chain);
    } catch (std::bad_alloc const&) {
        // Refused without a reason: OpenSSL cannot pass an exception on.
    }
    return 0;
}

std::string server_check::reason(X509_STORE_CTX const& failed) const {
    // OpenSSL's questions change nothing; not all are declared so.
    auto* const chain = const_cast<X509_STORE_CTX*>(&failed);
    auto const error = X509_STORE_CTX_get_error(chain);
    X509 const* const certificate = X509_STORE_CTX_get_current_cert(chain);
    if (certificate == nullptr) return X509_verify_cert_error_string(error);
    std::string const whose =
        X509_STORE_CTX_get_error_depth(chain) == 0
            ? "the server's certificate"
            : "the certificate of the authority " + name_text(X509_get_subject_name(certificate));
    std::string const authority = name_text(X509_get_issuer_name(certificate));
    switch (error) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return whose + " has expired, at " + time_text(X509_get0_notAfter(certificate));
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return whose + " is not valid before " + time_text(X509_get0_notBefore(certificate));
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return whose + " is not for " + host_ + " but for " + names_of(certificate);
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_CERT_UNTRUSTED:
            return "the server's certificate comes from an authority that is not trusted, " +
                   authority +
                   (ca_file_.empty() ? " (the system's authorities are; ca_file names others)"
                                     : " (those in " + ca_file_ + " are)");
        default: return whose + " is refused: " + X509_verify_cert_error_string(error);
    }
}

std::string server_check::failure(std::string const& otherwise) const {
    if (!refused_.empty()) return refused_;
    auto const error = ERR_peek_error();
    if (error == 0) return otherwise;
    if (not_tls(error)) return "what answers there does not speak TLS";
    return "TLS: " + openssl_text();
}

}  // namespace broker::tls
