#include "broker/auth/jwt/jwt_verifier.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace broker::auth {
namespace {

auth_refusal invalid(std::string reason) {
    return {"token_invalid", std::move(reason)};
}

// Tries the keys that may have signed it: of its algorithm, and of its kid where both say one.
bool any_key_verifies(key_set const& keys, token_head const& head) {
    for (auto const& key : keys) {
        if (key.algorithm() != head.algorithm) continue;
        if (head.key_id && !key.id.empty() && key.id != *head.key_id) continue;
        if (key.verifies(head.signed_part, head.signature)) return true;
    }
    return false;
}

bool has_key_of_id(key_set const& keys, token_head const& head) {
    return head.key_id && std::ranges::any_of(keys, [&](verification_key const& key) {
               return key.id == *head.key_id;
           });
}

}  // namespace

jwt_verifier::jwt_verifier(jwt_options options) : options_(std::move(options)) {
    if (!options_.secret.empty()) {
        own_keys_.push_back(verification_key::from_secret(options_.secret));
    }
    if (!options_.public_key_pem.empty()) {
        try {
            own_keys_.push_back(verification_key::from_pem(options_.public_key_pem));
        } catch (std::invalid_argument const& error) {
            throw std::invalid_argument(std::string("auth.jwt.public_key_file: ") + error.what());
        }
    }
    for (auto const algorithm : options_.algorithms) {
        bool const has_key = std::ranges::any_of(
            own_keys_, [&](verification_key const& key) { return key.algorithm() == algorithm; });
        bool const may_be_fetched =
            algorithm != jwt_algorithm::hs256 && !options_.jwks_location.empty();
        if (!has_key && !may_be_fetched) {
            throw std::invalid_argument(
                "auth.jwt.algorithms: one is accepted for which there is no key");
        }
    }
}

bool jwt_verifier::accepts(jwt_algorithm algorithm) const {
    return std::ranges::find(options_.algorithms, algorithm) != options_.algorithms.end();
}

token_outcome jwt_verifier::verify(std::string_view token, key_set_ptr const& fetched,
                                   wall_time now) const {
    auto parsed = read_token_head(token);
    if (auto* error = std::get_if<token_error>(&parsed)) return invalid(std::move(error->reason));
    auto const& head = std::get<token_head>(parsed);
    if (!accepts(head.algorithm)) {
        return invalid("The token is signed with an algorithm that this node does not accept.");
    }

    bool const good =
        any_key_verifies(own_keys_, head) || (fetched && any_key_verifies(*fetched, head));
    if (!good) {
        bool const may_be_fetched =
            head.algorithm != jwt_algorithm::hs256 && !options_.jwks_location.empty();
        bool const is_fetched = fetched && has_key_of_id(*fetched, head);
        if (may_be_fetched && !is_fetched) return unknown_key{};
        return invalid("The signature of the token is not right.");
    }

    auto claims = read_token_claims(head.payload, options_.user_id_claim, options_.roles_claim);
    if (auto* error = std::get_if<token_error>(&claims)) return invalid(std::move(error->reason));
    return check_claims(std::get<token_claims>(std::move(claims)), now);
}

token_outcome jwt_verifier::check_claims(token_claims claims, wall_time now) const {
    using std::chrono::seconds;
    // In seconds, which a far date cannot overflow; the leeway is on the token's side each time.
    auto const leeway = std::chrono::ceil<seconds>(options_.leeway).count();
    auto const today = std::chrono::floor<seconds>(now.time_since_epoch()).count();
    if (today >= claims.expires + leeway) {
        return auth_refusal{"token_expired", "The token has expired."};
    }
    if (claims.not_before && today < *claims.not_before - leeway) {
        return invalid("The token is not valid yet.");
    }
    if (!options_.issuer.empty() && claims.issuer != options_.issuer) {
        return invalid("The token comes from another issuer than this node trusts.");
    }
    bool const is_for_us =
        options_.audience.empty() ||
        std::ranges::any_of(claims.audience, [&](std::string const& audience) {
            return std::ranges::find(options_.audience, audience) != options_.audience.end();
        });
    if (!is_for_us) return invalid("The token is meant for another audience.");

    constexpr std::int64_t latest_of_clock = 9'000'000'000;  // year 2255; its nanoseconds still fit
    auto who = std::make_shared<principal>();
    who->name = std::move(claims.subject);
    who->user_id = claims.user_id;
    who->roles = std::move(claims.roles);
    who->expires_at = wall_time(seconds(std::min(claims.expires + leeway, latest_of_clock)));
    return principal_ptr(std::move(who));
}

}  // namespace broker::auth
