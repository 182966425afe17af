#pragma once

#include "broker/auth/auth_options.hpp"
#include "broker/auth/jwt/jwks_source.hpp"
#include "broker/auth/jwt/jwt_verifier.hpp"
#include "broker/auth/passcode_checker.hpp"
#include "broker/ports/authenticator.hpp"

#include <memory>
#include <string_view>

// Turns what a caller brought into a principal: tokens, accounts' passcodes, and in open mode names
// that are believed.
//
// What is looked at, in this order:
//   Authorization: Bearer TOKEN      the token
//   Authorization: Basic BASE64      login and passcode
//   passcode in the form of a token  the token; the login does not matter
//   login and passcode               the account
//   nothing                          refused; in open mode an anonymous caller
// In open mode everyone is believed who says nothing that could be checked: a token is still
// checked where tokens are configured, and a passcode where the login is an account's.
//
// From any thread. Destroyed when the loops of all shards have ended but still exist: answers that
// are outstanding then are dropped.

namespace broker::auth {

// Throws what the constructor below would, without starting anything.
void check_options(auth_options const& options);

class node_authenticator final : public authenticator {
public:
    // Throws std::invalid_argument, with the name of what is wrong, for options that cannot work.
    // What was fetched by the one before for the same key set is used until it is fetched again.
    explicit node_authenticator(auth_options options, node_authenticator const* before = nullptr);

    void authenticate(credentials const& offered, executor& home,
                      unique_function<void(auth_outcome)> done) override;

private:
    using completion = unique_function<void(auth_outcome)>;

    void check_token(std::string_view token, executor& home, completion done);
    void check_login(std::string_view login, std::string_view passcode, executor& home,
                     completion done);
    void check_basic(std::string_view encoded, executor& home, completion done);
    key_set_ptr known_keys(std::string const& location) const;
    auth_outcome unchecked(std::string_view login) const;

    auth_options options_;
    passcode_checker passcodes_;
    // Null without tokens. Shared with callbacks on the key source's thread.
    std::shared_ptr<jwt_verifier const> tokens_;
    std::unique_ptr<jwks_source> keys_;
};

}  // namespace broker::auth
