#include "broker/auth/jwt/key_set.hpp"
#include "broker/auth/jwt/base64url.hpp"
#include "support/signing.hpp"

#include <doctest/doctest.h>

using namespace broker::auth;
using signing::p256;
using signing::rsa;

TEST_CASE("a set's keys verify what their private halves signed") {
    auto const keys = parse_key_set(
        signing::key_set(signing::jwk(rsa(), "r", R"(,"use":"sig","alg":"RS256")") + "," +
                         signing::jwk(p256(), "e", R"(,"key_ops":["verify"])")));
    REQUIRE(keys);
    REQUIRE(keys->size() == 2);
    CHECK((*keys)[0].id == "r");
    CHECK((*keys)[0].algorithm() == jwt_algorithm::rs256);
    CHECK((*keys)[0].verifies("text", signing::sign_rs256(rsa(), "text")));
    CHECK_FALSE((*keys)[0].verifies("texT", signing::sign_rs256(rsa(), "text")));
    CHECK((*keys)[1].id == "e");
    CHECK((*keys)[1].algorithm() == jwt_algorithm::es256);
    CHECK((*keys)[1].verifies("text", signing::sign_es256(p256(), "text")));
    CHECK_FALSE((*keys)[1].verifies("texT", signing::sign_es256(p256(), "text")));
}

TEST_CASE("an ES256 signature is two numbers of 32 bytes, not DER, and not zero") {
    auto const key = verification_key::from_pem(signing::public_pem(p256()));
    auto const good = signing::sign_es256(p256(), "text");
    CHECK(key.verifies("text", good));
    CHECK_FALSE(key.verifies("text", signing::sign_es256_der(p256(), "text")));
    CHECK_FALSE(key.verifies("text", good.substr(0, 63)));
    CHECK_FALSE(key.verifies("text", good + '\0'));
    CHECK_FALSE(key.verifies("text", std::string(64, '\0')));
    CHECK_FALSE(key.verifies("text", good.substr(32) + good.substr(0, 32)));
    CHECK_FALSE(key.verifies("text", ""));
}

TEST_CASE("a key for another purpose, algorithm or kind is passed over") {
    auto const good = signing::jwk(p256(), "good");
    for (auto const& other :
         {signing::jwk(p256(), "x", R"(,"use":"enc")"),
          signing::jwk(p256(), "x", R"(,"key_ops":["encrypt"])"),
          signing::jwk(rsa(), "x", R"(,"alg":"RS512")"),
          signing::jwk(p256(), "x", R"(,"alg":"RS256")"),
          std::string(
              R"({"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kid":"x"})"),
          std::string(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA","kid":"x"})"),
          std::string(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","kid":"x"})"),
          std::string(R"({"kty":"RSA","n":"AQAB","e":"AQAB","kid":"x"})"),
          std::string(R"({"kty":"RSA","kid":"x"})"), std::string("7"), std::string("{}")}) {
        CAPTURE(other);
        auto const keys = parse_key_set(signing::key_set(other + "," + good));
        REQUIRE(keys);
        CHECK(keys->size() == 1);
        CHECK((*keys)[0].id == "good");
    }
}

TEST_CASE("a point that is not on the curve makes no key") {
    std::string x(32, '\1');
    std::string y(32, '\2');
    CHECK_FALSE(verification_key::from_p256(x, y));
    CHECK_FALSE(verification_key::from_p256(x, y.substr(1)));
}

TEST_CASE("an RSA key of less than 2048 bits makes no key") {
    auto const weak = signing::make_rsa_key(1024);
    CHECK_FALSE(parse_key_set(signing::key_set(signing::jwk(weak, "w"))));
    CHECK_THROWS_AS(verification_key::from_pem(signing::public_pem(weak)), std::invalid_argument);
}

TEST_CASE("what is no key set, or has no key of use, is none") {
    for (auto const* text : {"", "{}", "[]", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[{}]}",
                             "{\"keys\":[", "<html>"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_key_set(text));
    }
    CHECK_FALSE(parse_key_set(std::string(max_key_set_bytes + 1, ' ')));
}

TEST_CASE("a PEM that is no public key is refused with what was wrong") {
    CHECK_THROWS_WITH(verification_key::from_pem("hello"),
                      "it holds neither a public key nor a certificate in PEM");
    CHECK_THROWS_WITH(
        verification_key::from_pem(signing::public_pem(signing::make_p384_key())),
        "it holds a key that is neither RSA of 2048 bits or more nor on the curve P-256");
}
