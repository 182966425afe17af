#include "signing.hpp"

#include "broker/auth/jwt/base64url.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace signing {
namespace {

using broker::auth::encode_base64url;

key_ptr owned(EVP_PKEY* key) {
    if (!key) throw std::runtime_error("no key");
    return {key, EVP_PKEY_free};
}

unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

std::string digest_sign(key_ptr const& key, std::string_view text) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
    std::size_t size = 0;
    EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size());
    std::string out(size, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                   bytes_of(text), text.size());
    out.resize(size);
    return out;
}

// A number of the key, big-endian.
std::string number(key_ptr const& key, char const* name, std::size_t at_least = 0) {
    BIGNUM* value = nullptr;
    if (EVP_PKEY_get_bn_param(key.get(), name, &value) != 1) throw std::runtime_error(name);
    std::string out(std::max<std::size_t>(at_least, static_cast<std::size_t>(BN_num_bytes(value))),
                    '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    BN_free(value);
    return out;
}

std::string header(std::string_view algorithm, std::string_view kid) {
    auto out = R"({"alg":")" + std::string(algorithm) + R"(","typ":"JWT")";
    if (!kid.empty()) out += R"(,"kid":")" + std::string(kid) + "\"";
    return out + "}";
}

}  // namespace

key_ptr make_rsa_key(unsigned bits) {
    return owned(EVP_RSA_gen(bits));
}
key_ptr make_p256_key() {
    return owned(EVP_EC_gen("P-256"));
}
key_ptr make_p384_key() {
    return owned(EVP_EC_gen("P-384"));
}

std::string public_pem(key_ptr const& key) {
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PUBKEY(bio.get(), key.get());
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string jwk(key_ptr const& key, std::string_view kid, std::string_view more) {
    std::string out = "{";
    if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
        out += R"("kty":"RSA","n":")" + encode_base64url(number(key, OSSL_PKEY_PARAM_RSA_N)) +
               R"(","e":")" + encode_base64url(number(key, OSSL_PKEY_PARAM_RSA_E)) + "\"";
    } else {
        out += R"("kty":"EC","crv":"P-256","x":")" +
               encode_base64url(number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32)) + R"(","y":")" +
               encode_base64url(number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)) + "\"";
    }
    if (!kid.empty()) out += R"(,"kid":")" + std::string(kid) + "\"";
    return out + std::string(more) + "}";
}

std::string key_set(std::string_view members) {
    return R"({"keys":[)" + std::string(members) + "]}";
}

std::string sign_hs256(std::string_view secret, std::string_view text) {
    std::array<unsigned char, 32> out{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
         out.data(), &size);
    return {reinterpret_cast<char const*>(out.data()), out.size()};
}

std::string sign_rs256(key_ptr const& key, std::string_view text) {
    return digest_sign(key, text);
}
std::string sign_es256_der(key_ptr const& key, std::string_view text) {
    return digest_sign(key, text);
}

std::string sign_es256(key_ptr const& key, std::string_view text) {
    auto const der = digest_sign(key, text);
    auto const* at = bytes_of(der);
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
    std::string out(64, '\0');
    auto* raw = reinterpret_cast<unsigned char*>(out.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw + 32, 32);
    return out;
}

std::string unsigned_part(std::string_view head, std::string_view payload) {
    return encode_base64url(head) + "." + encode_base64url(payload);
}

std::string hs256_token(std::string_view secret, std::string_view payload, std::string_view head) {
    auto const text = unsigned_part(head, payload);
    return text + "." + encode_base64url(sign_hs256(secret, text));
}

std::string rs256_token(key_ptr const& key, std::string_view payload, std::string_view kid) {
    auto const text = unsigned_part(header("RS256", kid), payload);
    return text + "." + encode_base64url(sign_rs256(key, text));
}

std::string es256_token(key_ptr const& key, std::string_view payload, std::string_view kid) {
    auto const text = unsigned_part(header("ES256", kid), payload);
    return text + "." + encode_base64url(sign_es256(key, text));
}

key_ptr const& rsa() {
    static auto const key = make_rsa_key();
    return key;
}

key_ptr const& p256() {
    static auto const key = make_p256_key();
    return key;
}

}  // namespace signing
