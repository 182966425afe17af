#include "broker/auth/jwt/base64url.hpp"
#include "broker/auth/jwt/jwt_verifier.hpp"
#include "support/signing.hpp"

#include <doctest/doctest.h>

using namespace broker;
using namespace broker::auth;
using signing::p256;
using signing::rsa;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t today = 1'700'000'000;
wall_time const now{std::chrono::seconds(today)};
std::string const secret = "0123456789abcdef0123456789abcdef";

std::string payload(std::string_view more = "", std::int64_t expires = today + 600) {
    return R"({"sub":"alice","exp":)" + std::to_string(expires) + std::string(more) + "}";
}

jwt_options hs256() {
    return {.algorithms = {jwt_algorithm::hs256}, .secret = secret};
}

std::string verdict(token_outcome const& outcome) {
    if (auto const* refusal = std::get_if<auth_refusal>(&outcome)) {
        return refusal->code + ": " + refusal->reason;
    }
    return std::holds_alternative<unknown_key>(outcome) ? "unknown_key" : "accepted";
}

std::string verdict(jwt_options options, std::string_view token, key_set_ptr keys = nullptr) {
    return verdict(jwt_verifier(std::move(options)).verify(token, keys, now));
}

key_set_ptr keys_of(std::string const& members) {
    auto keys = parse_key_set(signing::key_set(members));
    REQUIRE(keys);
    return std::make_shared<key_set const>(std::move(*keys));
}

constexpr auto bad_signature = "token_invalid: The signature of the token is not right.";
constexpr auto not_accepted =
    "token_invalid: The token is signed with an algorithm that this node does not accept.";

}  // namespace

TEST_CASE("a good token makes a principal that ends with it") {
    auto const token =
        signing::hs256_token(secret, payload(R"(,"userId":42,"roles":["admin","x"])"));
    auto const outcome = jwt_verifier(hs256()).verify(token, nullptr, now);
    auto const* who = std::get_if<principal_ptr>(&outcome);
    REQUIRE(who);
    CHECK((*who)->name == "alice");
    CHECK((*who)->user_id == 42);
    CHECK((*who)->roles == std::vector<std::string>{"admin", "x"});
    CHECK((*who)->expires_at == now + 630s);  // with the leeway
    CHECK_FALSE((*who)->unverified);
}

TEST_CASE("the example of RFC 7515 A.1 has a good signature") {
    auto const key = decode_base64url(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    REQUIRE(key);
    std::string_view const text =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
        "VlfQ";
    auto const signature = decode_base64url("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    REQUIRE(signature);
    CHECK(verification_key::from_secret(*key).verifies(text, *signature));
}

TEST_CASE("the example of RFC 7515 A.3 has a good ES256 signature") {
    auto const x = decode_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    auto const y = decode_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    REQUIRE(x);
    REQUIRE(y);
    auto const key = verification_key::from_p256(*x, *y);
    REQUIRE(key);
    std::string_view const text =
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
        "VlfQ";
    auto const signature = decode_base64url(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    REQUIRE(signature);
    CHECK(key->verifies(text, *signature));
}

TEST_CASE("an expired token is refused by its own code, after the leeway") {
    CHECK(verdict(hs256(), signing::hs256_token(secret, payload("", today - 29))) == "accepted");
    CHECK(verdict(hs256(), signing::hs256_token(secret, payload("", today - 30))) ==
          "token_expired: The token has expired.");
    auto strict = hs256();
    strict.leeway = 0ms;
    CHECK(verdict(strict, signing::hs256_token(secret, payload("", today + 1))) == "accepted");
    CHECK(verdict(strict, signing::hs256_token(secret, payload("", today))) ==
          "token_expired: The token has expired.");
}

TEST_CASE("a token is not good before its nbf, but for the leeway") {
    auto const at = [](std::int64_t begin) {
        return signing::hs256_token(secret, payload(R"(,"nbf":)" + std::to_string(begin)));
    };
    CHECK(verdict(hs256(), at(today + 30)) == "accepted");
    CHECK(verdict(hs256(), at(today + 31)) == "token_invalid: The token is not valid yet.");
}

TEST_CASE("issuer and audience are demanded where they are configured") {
    auto options = hs256();
    options.issuer = "https://issuer";
    options.audience = {"chat", "stampede"};
    auto const with = [&](std::string_view more) {
        return verdict(options, signing::hs256_token(secret, payload(more)));
    };
    CHECK(with(R"(,"iss":"https://issuer","aud":"chat")") == "accepted");
    CHECK(with(R"(,"iss":"https://issuer","aud":["x","stampede"])") == "accepted");
    constexpr auto other_issuer =
        "token_invalid: The token comes from another issuer than this node trusts.";
    constexpr auto other_audience = "token_invalid: The token is meant for another audience.";
    CHECK(with(R"(,"iss":"https://issuer/","aud":"chat")") == other_issuer);
    CHECK(with(R"(,"aud":"chat")") == other_issuer);
    CHECK(with(R"(,"iss":"https://issuer","aud":"chatter")") == other_audience);
    CHECK(with(R"(,"iss":"https://issuer","aud":[])") == other_audience);
    CHECK(with(R"(,"iss":"https://issuer")") == other_audience);
    // An audience with a space is one, not two.
    CHECK(with(R"(,"iss":"https://issuer","aud":"x chat")") == other_audience);
}

TEST_CASE("a token that was tampered with is refused") {
    auto const good = signing::hs256_token(secret, payload());
    CHECK(verdict(hs256(), good) == "accepted");
    auto const last_dot = good.rfind('.');
    auto const other_claims =
        signing::unsigned_part(R"({"alg":"HS256","typ":"JWT"})", payload(R"(,"roles":["admin"])"));
    CHECK(verdict(hs256(), other_claims + good.substr(last_dot)) == bad_signature);
    auto flipped = good;
    flipped[last_dot + 1] = flipped[last_dot + 1] == 'A' ? 'B' : 'A';
    CHECK(verdict(hs256(), flipped) == bad_signature);
    CHECK(verdict(hs256(), signing::hs256_token(secret + "x", payload())) == bad_signature);
    CHECK(verdict(hs256(), good.substr(0, good.size() - 4)) == bad_signature);
}

TEST_CASE("a public key is never taken for a secret") {
    auto const pem = signing::public_pem(rsa());
    jwt_options options{.algorithms = {jwt_algorithm::rs256}, .public_key_pem = pem};
    CHECK(verdict(options, signing::rs256_token(rsa(), payload())) == "accepted");
    CHECK(verdict(options, signing::hs256_token(pem, payload())) == not_accepted);
    // Also where both kinds are accepted.
    options.algorithms = {jwt_algorithm::rs256, jwt_algorithm::hs256};
    options.secret = secret;
    CHECK(verdict(options, signing::hs256_token(pem, payload())) == bad_signature);
    CHECK(verdict(options, signing::hs256_token(secret, payload())) == "accepted");
    // And not the other way round: the RSA signature under the name of HS256.
    auto const text = signing::unsigned_part(R"({"alg":"HS256"})", payload());
    CHECK(verdict(options, text + "." + encode_base64url(signing::sign_rs256(rsa(), text))) ==
          bad_signature);
    auto const es = signing::unsigned_part(R"({"alg":"ES256"})", payload());
    CHECK(verdict(options, es + "." + encode_base64url(signing::sign_rs256(rsa(), es))) ==
          not_accepted);
}

TEST_CASE("alg none is not accepted, whatever the options") {
    auto options = hs256();
    options.algorithms = {jwt_algorithm::hs256, jwt_algorithm::rs256, jwt_algorithm::es256};
    options.jwks_location = "keys.json";
    auto const text = signing::unsigned_part(R"({"alg":"none"})", payload());
    CHECK(verdict(options, text + ".") == "token_invalid: The token is not signed.");
    CHECK(verdict(options, text + ".AA") ==
          "token_invalid: The token is not signed with an algorithm that this node knows.");
}

TEST_CASE("an algorithm that is not accepted is refused though there is a key for it") {
    auto options = hs256();
    options.public_key_pem = signing::public_pem(rsa());
    CHECK(verdict(options, signing::rs256_token(rsa(), payload())) == not_accepted);
}

TEST_CASE("ES256 tokens are checked with a key on P-256") {
    jwt_options const options{.algorithms = {jwt_algorithm::es256},
                              .public_key_pem = signing::public_pem(p256())};
    auto const token = signing::es256_token(p256(), payload());
    CHECK(verdict(options, token) == "accepted");
    auto const text = token.substr(0, token.rfind('.'));
    CHECK(verdict(options, text + "." + encode_base64url(signing::sign_es256_der(p256(), text))) ==
          bad_signature);
    CHECK(verdict(options, signing::es256_token(signing::make_p256_key(), payload())) ==
          bad_signature);
}

TEST_CASE("the kid chooses the key; an unknown one asks for a newer set") {
    auto const other = signing::make_p256_key();
    jwt_options const options{.algorithms = {jwt_algorithm::es256, jwt_algorithm::rs256},
                              .jwks_location = "keys.json"};
    auto const keys = keys_of(signing::jwk(p256(), "a") + "," + signing::jwk(other, "b") + "," +
                              signing::jwk(rsa(), "r"));
    CHECK(verdict(options, signing::es256_token(p256(), payload(), "a"), keys) == "accepted");
    CHECK(verdict(options, signing::es256_token(other, payload(), "b"), keys) == "accepted");
    CHECK(verdict(options, signing::rs256_token(rsa(), payload(), "r"), keys) == "accepted");
    CHECK(verdict(options, signing::es256_token(p256(), payload(), "b"), keys) == bad_signature);
    CHECK(verdict(options, signing::es256_token(p256(), payload(), "r"), keys) == bad_signature);
    CHECK(verdict(options, signing::es256_token(p256(), payload(), "c"), keys) == "unknown_key");
    // Without a kid every key of the algorithm may be it.
    CHECK(verdict(options, signing::es256_token(other, payload()), keys) == "accepted");
    CHECK(verdict(options, signing::es256_token(p256(), payload(), "a")) == "unknown_key");
}

TEST_CASE("a key without a kid may have signed any token") {
    jwt_options const options{.algorithms = {jwt_algorithm::es256}, .jwks_location = "keys.json"};
    CHECK(verdict(options, signing::es256_token(p256(), payload(), "any"),
                  keys_of(signing::jwk(p256(), ""))) == "accepted");
}

TEST_CASE("the claims of a token with a bad signature are not looked at") {
    auto const token = signing::hs256_token(secret + "x", payload("", today - 5000));
    CHECK(verdict(hs256(), token) == bad_signature);
    CHECK(verdict(hs256(), signing::hs256_token(secret + "x", "not JSON")) == bad_signature);
    CHECK(verdict(hs256(), signing::hs256_token(secret, "not JSON")) ==
          "token_invalid: The token has claims that are not a JSON object.");
}

TEST_CASE("a token without end is refused") {
    CHECK(verdict(hs256(), signing::hs256_token(secret, R"({"sub":"alice"})")) ==
          "token_invalid: The token needs an exp: a number of seconds since 1970.");
    auto const outcome = jwt_verifier(hs256()).verify(
        signing::hs256_token(secret, R"({"sub":"a","exp":1e18})"), nullptr, now);
    auto const* who = std::get_if<principal_ptr>(&outcome);
    REQUIRE(who);
    CHECK((*who)->expires_at > now + 24h * 365 * 100);  // and no overflow
}

TEST_CASE("options that cannot work are refused by their name") {
    CHECK_THROWS_WITH(jwt_verifier({.algorithms = {jwt_algorithm::rs256}}),
                      "auth.jwt.algorithms: one is accepted for which there is no key");
    CHECK_THROWS_WITH(jwt_verifier({.algorithms = {jwt_algorithm::rs256},
                                    .public_key_pem = signing::public_pem(p256())}),
                      "auth.jwt.algorithms: one is accepted for which there is no key");
    CHECK_THROWS_WITH(
        jwt_verifier({.algorithms = {jwt_algorithm::rs256}, .public_key_pem = "hello"}),
        "auth.jwt.public_key_file: it holds neither a public key nor a certificate in PEM");
}
