#pragma once

#include "broker/ports/executor.hpp"
#include "broker/principal.hpp"
#include "broker/unique_function.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>

// Turns credentials into a principal.

namespace broker {

// What a STOMP CONNECT, a WebSocket handshake or a REST call brought.
struct credentials {
    std::optional<std::string> login{};
    std::optional<std::string> passcode{};  // of an account, or a token
    std::optional<std::string>
        authorization{};  // the Authorization header: "Bearer …" or "Basic …"
};

struct auth_refusal {
    // Stable: "bad_credentials", "credentials_missing", "token_expired", "token_invalid";
    // "too_many_logins", "auth_unavailable", "rate_limited" and "too_many_sessions" pass by
    // themselves.
    std::string code;
    std::string reason;                                      // one sentence; never repeats a secret
    std::optional<std::chrono::milliseconds> retry_after{};  // when another try may do better
};

// Whether the credentials themselves were wrong, as somebody's who tries some would be. A token
// that is over is not, and neither is what passes by itself.
inline bool is_wrong(auth_refusal const& refused) {
    return refused.code == "bad_credentials" || refused.code == "token_invalid";
}

// Whether nobody could look at the credentials: they may be good, and another try is due.
inline bool was_not_checked(auth_refusal const& refused) {
    return refused.code == "auth_unavailable" || refused.code == "too_many_logins";
}

using auth_outcome = std::variant<principal_ptr, auth_refusal>;

class authenticator {
public:
    virtual ~authenticator() = default;

    // Calls `done` exactly once on `home`, perhaps before it returns. A passcode check is slow by
    // design and runs elsewhere; a token is checked at once.
    virtual void authenticate(credentials const& offered, executor& home,
                              unique_function<void(auth_outcome)> done) = 0;
};

}  // namespace broker
