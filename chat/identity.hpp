#pragma once

#include "broker/principal.hpp"
#include "chat/ids.hpp"
#include "chat/refusal.hpp"

#include <optional>
#include <string_view>

// As whom a request acts: what the credentials say, and the user that the request names.
//
// - Credentials that name a chat user: the caller is that user and may name nobody else.
// - Credentials that were verified but name no user: the caller may name nobody.
// - The role "service" (a back end): may act for any user.
// - Credentials that were not verified (open mode) and name no user: the named user is believed.

namespace chat {

inline constexpr std::string_view service_role = "service";
inline constexpr std::string_view admin_role = "admin";

struct identity {
    std::optional<user_id> user;
    bool believed = false;  // not verified
    bool service = false;
    bool admin = false;
};

identity identity_of(broker::principal const& caller);

// May speak to users in the name of the whole service: back ends and administrators, and everybody
// where nobody is verified (open mode).
inline bool may_tell(identity const& caller) {
    return caller.service || caller.admin || caller.believed;
}

// The caller, acting as the named user. sender_mismatch when that is not allowed.
checked<identity> acting_as(identity caller, std::optional<user_id> named);

// The user that acts; caller_unknown when there is none.
checked<user_id> acting_user(identity const& caller);
checked<user_id> acting_user(identity const& caller, std::optional<user_id> named);

}  // namespace chat
