#include "broker/transport/sockjs/client_secret.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <string_view>

namespace broker::transport::sockjs {
namespace {

template <typename Digest>
std::optional<Digest> digest_of(std::optional<std::string_view> text) {
    if (!text) return std::nullopt;
    Digest result;
    SHA256(reinterpret_cast<unsigned char const*>(text->data()), text->size(), result.data());
    return result;
}

template <typename Digest>
bool same(Digest const& expected, std::optional<Digest> const& offered) {
    return offered && CRYPTO_memcmp(expected.data(), offered->data(), expected.size()) == 0;
}

}  // namespace

std::optional<client_secret::digest> client_secret::authorization_of(http_request const& request) {
    return digest_of<digest>(request.header("authorization"));
}

std::optional<client_secret::digest> client_secret::cookie_of(http_request const& request) {
    return digest_of<digest>(request.cookie("JSESSIONID"));
}

client_secret::client_secret(http_request const& opening)
    : authorization_(authorization_of(opening)), cookie_(cookie_of(opening)) {}

bool client_secret::matches(http_request const& request) const {
    if (authorization_ && !same(*authorization_, authorization_of(request))) return false;
    return !cookie_ || same(*cookie_, cookie_of(request));
}

}  // namespace broker::transport::sockjs
