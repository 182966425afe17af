#include "broker/auth/jwt/base64url.hpp"
#include "broker/auth/jwt/jwt_verifier.hpp"
#include "broker/auth/jwt/key_set.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Tokens and key sets from strangers. The first octet chooses: a token as it comes, the two JSON
// texts of a token that is then signed (so that claims are reached), or a key set.

namespace {

using namespace broker::auth;

std::string const secret = "0123456789abcdef0123456789abcdef";
broker::wall_time const now{std::chrono::seconds(1'700'000'000)};

void expect(bool condition) {
    if (!condition) std::abort();
}

jwt_verifier const& verifier() {
    static jwt_verifier const made(jwt_options{
        .algorithms = {jwt_algorithm::hs256, jwt_algorithm::rs256, jwt_algorithm::es256},
        .secret = secret,
        .jwks_location = "keys.json",
        .user_id_claim = "user.id",
        .roles_claim = "realm.roles"});
    return made;
}

std::string signed_token(std::string_view header, std::string_view payload) {
    auto const text = encode_base64url(header) + "." + encode_base64url(payload);
    std::array<unsigned char, 32> mac{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<unsigned char const*>(text.data()), text.size(), mac.data(), &size);
    return text + "." + encode_base64url({reinterpret_cast<char const*>(mac.data()), mac.size()});
}

void check_principal(token_outcome const& outcome) {
    auto const* who = std::get_if<broker::principal_ptr>(&outcome);
    if (!who) return;
    expect(!(*who)->name.empty() && (*who)->name.size() <= 255);
    expect((*who)->expires_at && *(*who)->expires_at > now);
    expect(!(*who)->unverified);
    expect(!(*who)->user_id || *(*who)->user_id >= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const text(reinterpret_cast<char const*>(data) + 1, size - 1);
    switch (data[0] % 3) {
        case 0: {
            auto const outcome = verifier().verify(text, nullptr, now);
            // Nobody guesses the signature.
            expect(!std::holds_alternative<broker::principal_ptr>(outcome));
            looks_like_token(text);
            if (auto const bytes = decode_base64url(text)) expect(encode_base64url(*bytes) == text);
            break;
        }
        case 1: {
            auto const cut = std::min(text.find('\n'), text.size());
            auto const header = text.substr(0, cut);
            auto const payload = text.substr(std::min(cut + 1, text.size()));
            auto const token = signed_token(header, payload);
            check_principal(verifier().verify(token, nullptr, now));
            check_principal(
                verifier().verify(signed_token(R"({"alg":"HS256"})", payload), nullptr, now));
            break;
        }
        default:
            if (auto const keys = parse_key_set(text)) {
                expect(!keys->empty() && keys->size() <= max_keys);
                for (auto const& key : *keys) expect(key.algorithm() != jwt_algorithm::hs256);
            }
    }
    return 0;
}
