#include "chat/identity.hpp"

#include <string>

namespace chat {

identity identity_of(broker::principal const& caller) {
    identity result{.user = {},
                    .believed = caller.unverified,
                    .service = caller.has_role(service_role),
                    .admin = caller.has_role(admin_role)};
    if (caller.user_id) result.user = user_id(*caller.user_id);
    return result;
}

checked<identity> acting_as(identity caller, std::optional<user_id> named) {
    if (!named || caller.user == named) return caller;
    if (!caller.service && (caller.user || !caller.believed)) {
        return refusal(errc::sender_mismatch,
                       caller.user
                           ? "The caller is user " + std::to_string(caller.user->value) +
                                 " and cannot act as user " + std::to_string(named->value) + "."
                           : std::string("The credentials name no user of the chat, so the "
                                         "caller cannot act as one."));
    }
    caller.user = named;
    return caller;
}

checked<user_id> acting_user(identity const& caller) {
    if (caller.user) return *caller.user;
    if (!caller.believed) return refusal(errc::caller_unknown);
    return refusal(errc::caller_unknown,
                   "Nobody says who acts: neither credentials nor a field of the request.");
}

checked<user_id> acting_user(identity const& caller, std::optional<user_id> named) {
    auto const acting = acting_as(caller, named);
    if (acting.has_error()) return acting.error();
    return acting_user(*acting);
}

}  // namespace chat
