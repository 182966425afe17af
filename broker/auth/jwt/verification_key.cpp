#include "broker/auth/jwt/verification_key.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace broker::auth {
namespace {

constexpr int least_rsa_bits = 2048;
constexpr int most_rsa_bits = 16'384;
constexpr std::size_t p256_bytes = 32;

template <auto Free>
struct freer {
    template <typename Handle>
    void operator()(Handle* handle) const noexcept {
        Free(handle);
    }
};
using bio_ptr = std::unique_ptr<BIO, freer<BIO_free>>;
using bignum_ptr = std::unique_ptr<BIGNUM, freer<BN_free>>;
using context_ptr = std::unique_ptr<EVP_PKEY_CTX, freer<EVP_PKEY_CTX_free>>;
using digest_ptr = std::unique_ptr<EVP_MD_CTX, freer<EVP_MD_CTX_free>>;
using builder_ptr = std::unique_ptr<OSSL_PARAM_BLD, freer<OSSL_PARAM_BLD_free>>;
using params_ptr = std::unique_ptr<OSSL_PARAM, freer<OSSL_PARAM_free>>;
using signature_ptr = std::unique_ptr<ECDSA_SIG, freer<ECDSA_SIG_free>>;
using certificate_ptr = std::unique_ptr<X509, freer<X509_free>>;

// Failures of one call must not be found by the TLS code of the same thread.
struct error_guard {
    error_guard() = default;
    error_guard(error_guard const&) = delete;
    error_guard& operator=(error_guard const&) = delete;
    ~error_guard() { ERR_clear_error(); }
};

unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

bignum_ptr number_of(std::string_view bytes) {
    return bignum_ptr(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) {
    return key ? std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free) : nullptr;
}

std::shared_ptr<EVP_PKEY> make_key(char const* type, OSSL_PARAM_BLD* builder) {
    params_ptr const params(OSSL_PARAM_BLD_to_param(builder));
    context_ptr const context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    bool const made =
        params && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
    return made ? shared(key) : nullptr;
}

std::shared_ptr<EVP_PKEY> read_pem(std::string_view pem) {
    auto const open = [pem] {
        return bio_ptr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    };
    // No passphrase is ever asked for on a terminal.
    auto* const no_passphrase = const_cast<char*>("");
    if (auto const bio = open()) {
        if (auto* key = PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, no_passphrase)) {
            return shared(key);
        }
    }
    if (auto const bio = open()) {
        certificate_ptr const certificate(
            PEM_read_bio_X509(bio.get(), nullptr, nullptr, no_passphrase));
        if (certificate) return shared(X509_get_pubkey(certificate.get()));
    }
    return nullptr;
}

bool is_p256(EVP_PKEY const* key) {
    std::array<char, 64> group{};
    return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                          group.size(), nullptr) == 1 &&
           std::string_view(group.data()) == "prime256v1";
}

// JOSE writes the two numbers of an ECDSA signature one after the other, OpenSSL wants DER.
std::string der_signature(std::string_view raw) {
    if (raw.size() != 2 * p256_bytes) return {};
    auto r = number_of(raw.substr(0, p256_bytes));
    auto s = number_of(raw.substr(p256_bytes));
    signature_ptr const signature(ECDSA_SIG_new());
    if (!r || !s || !signature) return {};
    if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
    static_cast<void>(r.release());  // the signature owns them now
    static_cast<void>(s.release());
    unsigned char* der = nullptr;
    int const size = i2d_ECDSA_SIG(signature.get(), &der);
    if (size <= 0) return {};
    std::string out(reinterpret_cast<char const*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

bool verifies_hmac(std::string_view secret, std::string_view text, std::string_view signature) {
    std::array<unsigned char, 32> expected{};
    unsigned int size = 0;
    auto const* done = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                            bytes_of(text), text.size(), expected.data(), &size);
    return done && size == expected.size() && signature.size() == expected.size() &&
           CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0;
}

bool verifies_public(EVP_PKEY* key, std::string_view text, std::string_view signature) {
    digest_ptr const context(EVP_MD_CTX_new());
    return context &&
           EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                            text.size()) == 1;
}

}  // namespace

verification_key verification_key::from_secret(std::string secret) {
    verification_key made;
    made.algorithm_ = jwt_algorithm::hs256;
    made.secret_ = std::move(secret);
    return made;
}

std::optional<verification_key> verification_key::from_public_key(std::shared_ptr<EVP_PKEY> key) {
    if (!key) return std::nullopt;
    verification_key made;
    int const bits = EVP_PKEY_get_bits(key.get());
    if (EVP_PKEY_is_a(key.get(), "RSA") == 1 && bits >= least_rsa_bits && bits <= most_rsa_bits) {
        made.algorithm_ = jwt_algorithm::rs256;
    } else if (EVP_PKEY_is_a(key.get(), "EC") == 1 && is_p256(key.get())) {
        made.algorithm_ = jwt_algorithm::es256;
    } else {
        return std::nullopt;
    }
    made.public_key_ = std::move(key);
    return made;
}

verification_key verification_key::from_pem(std::string_view pem) {
    error_guard const guard;
    auto key = read_pem(pem);
    if (!key) throw std::invalid_argument("it holds neither a public key nor a certificate in PEM");
    auto made = from_public_key(std::move(key));
    if (!made) {
        throw std::invalid_argument(
            "it holds a key that is neither RSA of 2048 bits or more nor on the curve P-256");
    }
    return std::move(*made);
}

std::optional<verification_key> verification_key::from_rsa(std::string_view modulus,
                                                           std::string_view exponent) {
    error_guard const guard;
    if (modulus.empty() || exponent.empty() || modulus.size() > most_rsa_bits / 8 ||
        exponent.size() > 8) {
        return std::nullopt;
    }
    builder_ptr const builder(OSSL_PARAM_BLD_new());
    auto const n = number_of(modulus);
    auto const e = number_of(exponent);
    if (!builder || !n || !e ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return std::nullopt;
    }
    return from_public_key(make_key("RSA", builder.get()));
}

std::optional<verification_key> verification_key::from_p256(std::string_view x,
                                                            std::string_view y) {
    error_guard const guard;
    if (x.size() != p256_bytes || y.size() != p256_bytes) return std::nullopt;
    auto const point = std::string("\x04").append(x).append(y);  // uncompressed
    builder_ptr const builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                        0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1) {
        return std::nullopt;
    }
    auto key = make_key("EC", builder.get());
    if (!key) return std::nullopt;
    context_ptr const context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!context || EVP_PKEY_public_check(context.get()) != 1) return std::nullopt;
    return from_public_key(std::move(key));
}

bool verification_key::verifies(std::string_view text, std::string_view signature) const {
    error_guard const guard;
    switch (algorithm_) {
        case jwt_algorithm::hs256: return verifies_hmac(secret_, text, signature);
        case jwt_algorithm::rs256: return verifies_public(public_key_.get(), text, signature);
        case jwt_algorithm::es256: {
            auto const der = der_signature(signature);
            return !der.empty() && verifies_public(public_key_.get(), text, der);
        }
    }
    return false;
}

}  // namespace broker::auth
