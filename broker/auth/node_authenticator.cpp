#include "broker/auth/node_authenticator.hpp"

#include "broker/auth/jwt/base64url.hpp"
#include "broker/auth/login_name.hpp"

#include <openssl/crypto.h>

#include <optional>
#include <utility>

namespace broker::auth {
namespace {

struct scheme_and_value {
    std::string_view scheme;
    std::string_view value;
};

scheme_and_value split_authorization(std::string_view text) {
    auto const trim = [](std::string_view one) {
        while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
        while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
        return one;
    };
    text = trim(text);
    auto const space = text.find(' ');
    if (space == std::string_view::npos) return {text, {}};
    return {text.substr(0, space), trim(text.substr(space))};
}

// The names of schemes have no case (RFC 9110 §11.1).
bool is_scheme(std::string_view text, std::string_view lower_case_name) {
    if (text.size() != lower_case_name.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c =
            text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        if (c != lower_case_name[i]) return false;
    }
    return true;
}

auth_outcome settled(token_outcome outcome, bool keys_are_there) {
    if (auto* who = std::get_if<principal_ptr>(&outcome)) return std::move(*who);
    if (auto* refusal = std::get_if<auth_refusal>(&outcome)) return std::move(*refusal);
    if (!keys_are_there) {
        return auth_refusal{"auth_unavailable",
                            "The keys that tokens are checked with cannot be fetched at the "
                            "moment. Try again later.",
                            std::chrono::seconds(5)};
    }
    return auth_refusal{"token_invalid", "The token is signed with a key that is not known here."};
}

// What was a passcode does not stay in memory that somebody else gets.
class wiped_at_the_end {
public:
    explicit wiped_at_the_end(std::string& secret) : secret_(secret) {}
    ~wiped_at_the_end() { OPENSSL_cleanse(secret_.data(), secret_.size()); }
    wiped_at_the_end(wiped_at_the_end const&) = delete;
    wiped_at_the_end& operator=(wiped_at_the_end const&) = delete;

private:
    std::string& secret_;
};

}  // namespace

void check_options(auth_options const& options) {
    check_accounts(options.accounts);
    if (options.jwt) jwt_verifier{*options.jwt};
}

node_authenticator::node_authenticator(auth_options options, node_authenticator const* before)
    : options_(std::move(options)), passcodes_(options_.accounts, options_.passcodes) {
    if (!options_.jwt) return;
    tokens_ = std::make_shared<jwt_verifier const>(*options_.jwt);
    auto const& location = options_.jwt->jwks_location;
    if (!location.empty()) {
        keys_ = std::make_unique<jwks_source>(*options_.jwt, options_.on_event,
                                              before ? before->known_keys(location) : nullptr);
    }
}

key_set_ptr node_authenticator::known_keys(std::string const& location) const {
    return keys_ && options_.jwt->jwks_location == location ? keys_->current() : nullptr;
}

void node_authenticator::authenticate(credentials const& offered, executor& home, completion done) {
    if (offered.authorization) {
        auto const [scheme, value] = split_authorization(*offered.authorization);
        if (is_scheme(scheme, "basic")) return check_basic(value, home, std::move(done));
        if (!is_scheme(scheme, "bearer")) {
            return done(auth_refusal{"bad_credentials",
                                     "The Authorization header must be Bearer or Basic."});
        }
        if (tokens_) return check_token(value, home, std::move(done));
        if (!options_.open) {
            return done(auth_refusal{"token_invalid", "Tokens are not accepted here."});
        }
        // Open and without keys to check it: the token says nothing, the login may.
    }
    if (tokens_ && offered.passcode && looks_like_token(*offered.passcode)) {
        return check_token(*offered.passcode, home, std::move(done));
    }
    if (offered.login && !offered.login->empty()) {
        return check_login(*offered.login, offered.passcode.value_or(""), home, std::move(done));
    }
    if (options_.open) return done(unchecked({}));
    done(auth_refusal{"credentials_missing", tokens_
                                                 ? "A login and a passcode, or a token, are needed."
                                                 : "A login and a passcode are needed."});
}

void node_authenticator::check_token(std::string_view token, executor& home, completion done) {
    auto const fetched = keys_ ? keys_->current() : nullptr;
    auto outcome = tokens_->verify(token, fetched, options_.now());
    if (!std::holds_alternative<unknown_key>(outcome) || !keys_) {
        return done(settled(std::move(outcome), true));
    }

    // The token waits for a newer key set, if one may be fetched now.
    auto shared_done = std::make_shared<completion>(std::move(done));
    auto again = [shared_done, tokens = tokens_, text = std::string(token), now = options_.now,
                  &home](key_set_ptr const& keys) {
        auto checked = settled(tokens->verify(text, keys, now()), keys != nullptr);
        home.post([shared_done, checked = std::move(checked)]() mutable {
            (*shared_done)(std::move(checked));
        });
    };
    if (!keys_->refresh(std::move(again))) {
        (*shared_done)(settled(std::move(outcome), fetched != nullptr));
    }
}

void node_authenticator::check_login(std::string_view login, std::string_view passcode,
                                     executor& home, completion done) {
    if (options_.open && !passcodes_.has_account(login)) return done(unchecked(login));
    passcodes_.check(login, passcode, home, std::move(done));
}

void node_authenticator::check_basic(std::string_view encoded, executor& home, completion done) {
    auto plain = decode_base64(encoded);
    auto const colon = plain ? plain->find(':') : std::string::npos;
    if (colon == std::string::npos) {
        return done(auth_refusal{"bad_credentials",
                                 "The Authorization header must hold base64 of login:passcode."});
    }
    wiped_at_the_end const wiped(*plain);
    std::string_view const text(*plain);
    auto const login = text.substr(0, colon);
    auto const passcode = text.substr(colon + 1);
    if (tokens_ && looks_like_token(passcode)) {
        check_token(passcode, home, std::move(done));
    } else if (login.empty() && options_.open) {
        done(unchecked({}));
    } else {
        check_login(login, passcode, home, std::move(done));
    }
}

auth_outcome node_authenticator::unchecked(std::string_view login) const {
    if (!login.empty() && !is_login_name(login)) {
        return auth_refusal{"bad_credentials",
                            "The login must be at most 255 bytes without control characters."};
    }
    auto who = std::make_shared<principal>();
    who->name = login;
    who->user_id = user_id_in(login);
    who->unverified = true;
    return principal_ptr(std::move(who));
}

}  // namespace broker::auth
