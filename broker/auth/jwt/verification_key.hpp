#pragma once

#include "broker/auth/auth_options.hpp"

#include <boost/system/result.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// One key that signatures are checked with. A key is good for one algorithm only, by its type, so
// that a token cannot choose to have a public key taken for a secret. Immutable; any thread.

struct evp_pkey_st;

namespace broker::auth {

class verification_key {
public:
    // For HS256.
    static verification_key from_secret(std::string secret);

    // A public key ("PUBLIC KEY", "RSA PUBLIC KEY") or a certificate in PEM: RSA of 2048 bits or
    // more for RS256, P-256 for ES256. Throws std::invalid_argument with what was found instead.
    static verification_key from_pem(std::string_view pem);

    // The parts of a JSON Web Key, decoded: big-endian numbers. Nothing if they make no key of the
    // kinds above.
    static std::optional<verification_key> from_rsa(std::string_view modulus,
                                                    std::string_view exponent);
    static std::optional<verification_key> from_p256(std::string_view x, std::string_view y);

    jwt_algorithm algorithm() const noexcept { return algorithm_; }
    bool verifies(std::string_view text, std::string_view signature) const;

    std::string id;  // kid; empty: none

private:
    verification_key() = default;
    static std::optional<verification_key> from_public_key(std::shared_ptr<evp_pkey_st> key);

    jwt_algorithm algorithm_{};
    std::string secret_;
    std::shared_ptr<evp_pkey_st> public_key_;
};

}  // namespace broker::auth
