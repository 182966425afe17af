#pragma once

#include "broker/auth/jwt/key_set.hpp"
#include "broker/auth/jwt/token.hpp"
#include "broker/ports/authenticator.hpp"
#include "broker/ports/clock.hpp"

#include <string_view>
#include <variant>

// Decides whether a token is good, and whom it names. Pure but for the keys it is given; any
// thread. A check costs 20 to 150 µs, most of it the signature.

namespace broker::auth {

// The token's signature needs a key that is not there: a newer key set may have it.
struct unknown_key {};

using token_outcome = std::variant<principal_ptr, auth_refusal, unknown_key>;

class jwt_verifier {
public:
    // Throws std::invalid_argument, beginning with the option's name, when the secret or the public
    // key cannot be used, or when an algorithm is accepted for which no key can ever be there.
    explicit jwt_verifier(jwt_options options);

    // `fetched` are keys besides those of the options; may be null.
    token_outcome verify(std::string_view token, key_set_ptr const& fetched, wall_time now) const;

    jwt_options const& options() const noexcept { return options_; }

private:
    bool accepts(jwt_algorithm algorithm) const;
    token_outcome check_claims(token_claims claims, wall_time now) const;

    jwt_options options_;
    key_set own_keys_;
};

}  // namespace broker::auth
