#pragma once

#include "broker/ports/authenticator.hpp"
#include "broker/principal.hpp"

// Who may not come in, whatever their credentials. Any thread.

namespace broker {

class ban_list {
public:
    virtual ~ban_list() = default;
    virtual bool is_banned(principal const& who) const = 0;
};

// What whoever is banned is told.
inline auth_refusal banned_refusal() {
    return {"banned", "This user is banned.", std::nullopt};
}

}  // namespace broker
