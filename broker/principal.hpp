#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Who a session, a handshake or a REST call acts as. Immutable and shared: a session that is given
// a fresh token gets a new principal of the same name.

namespace broker {

struct principal {
    std::string name;  // what /user/{name}/... means; empty for an anonymous caller
    std::optional<std::uint64_t> user_id;  // the chat user, where the credentials name one
    std::vector<std::string> roles;
    // Nothing is accepted from and nothing is delivered to the principal after this.
    std::optional<std::chrono::system_clock::time_point> expires_at;
    // True in open mode: the caller was believed, not verified.
    bool unverified = false;

    bool anonymous() const noexcept { return name.empty(); }
    bool has_role(std::string_view role) const {
        return std::ranges::find(roles, role) != roles.end();
    }
};

using principal_ptr = std::shared_ptr<principal const>;

// Under which name events, rules and /user destinations find a principal: the chat user's number
// where the credentials name one, else the name. Empty for an anonymous caller.
inline std::string user_key(principal const& who) {
    return who.user_id ? std::to_string(*who.user_id) : who.name;
}

}  // namespace broker
