#pragma once

#include <memory>
#include <string>
#include <string_view>

// The issuer's side of tokens, for tests: keys, signatures, and key sets.

struct evp_pkey_st;

namespace signing {

using key_ptr = std::shared_ptr<evp_pkey_st>;

key_ptr make_rsa_key(unsigned bits = 2048);
key_ptr make_p256_key();
// Made once: keys are what takes time in tests.
key_ptr const& rsa();
key_ptr const& p256();
key_ptr make_p384_key();

std::string public_pem(key_ptr const& key);
// One member of a key set; empty `kid`: none.
std::string jwk(key_ptr const& key, std::string_view kid, std::string_view more = "");
std::string key_set(std::string_view members);

std::string sign_hs256(std::string_view secret, std::string_view text);
std::string sign_rs256(key_ptr const& key, std::string_view text);
std::string sign_es256(key_ptr const& key, std::string_view text);  // r and s, 64 bytes
std::string sign_es256_der(key_ptr const& key, std::string_view text);

// header.payload, both in base64url.
std::string unsigned_part(std::string_view header, std::string_view payload);
std::string hs256_token(std::string_view secret, std::string_view payload,
                        std::string_view header = R"({"alg":"HS256","typ":"JWT"})");
std::string rs256_token(key_ptr const& key, std::string_view payload, std::string_view kid = "");
std::string es256_token(key_ptr const& key, std::string_view payload, std::string_view kid = "");

}  // namespace signing
