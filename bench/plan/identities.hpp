#pragma once

#include "bench/client/stomp_client.hpp"
#include "bench/plan/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Who each client of a run is: one login for all, a login of its own for each, or a JWT from a file
// or signed here. Read once at the start; then used by every thread.

namespace bench {

// Clients are users of their own: their login or their claims have a "{}", or each has a token of a
// file.
bool are_distinct(target const& server) noexcept;

class identities {
public:
    // Reads the token and secret files and the claims; throws std::runtime_error with what is wrong
    // and where.
    explicit identities(target const& of);

    credentials of_client(std::uint64_t number) const;

    // What preparations over HTTP say in `Authorization`; empty: nothing.
    std::string http_authorization() const;

    bool distinct() const noexcept { return distinct_; }
    // How many tokens the file has, each of another user; 0: there is no file.
    std::size_t tokens() const noexcept { return tokens_.size(); }
    // The user's number in the server, for chat: the client's, or that of its token in the file,
    // when they are distinct, else the target's `user`.
    std::uint64_t user_of(std::uint64_t client) const noexcept;

private:
    std::string signed_token(std::uint64_t number) const;
    std::size_t line_of(std::uint64_t client) const noexcept;

    target of_;
    std::vector<std::string> tokens_;
    std::string secret_;
    bool claims_are_empty_ = false;
    bool claims_expire_ = false;  // an `exp` is not added to the one that they have
    bool distinct_ = false;
};

// `text` with every "{}" replaced.
std::string with_text(std::string_view text, std::string_view instead);
std::string with_number(std::string_view text, std::uint64_t number);

// A JWT over these claims, signed with HS256 (RFC 7515, RFC 7518 3.2).
std::string sign_token(std::string_view claims, std::string_view secret);

}  // namespace bench
