#include "chat/audit.hpp"

#include "chat/limits.hpp"

#include <utility>

namespace chat {
namespace {

// Names come from credentials and may be as long as a header.
std::string shortened(std::string name) {
    if (name.size() <= limits::audit_name_bytes) return name;
    auto end = limits::audit_name_bytes;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
    name.resize(end);
    return name;
}

proof proof_of(broker::principal const& caller) {
    if (caller.unverified) return proof::none;
    // Tokens end, accounts do not.
    return caller.expires_at ? proof::token : proof::passcode;
}

}  // namespace

audit_origin origin_of(broker::principal const& caller, std::optional<user_id> acting,
                       std::string request_id, broker::trace_ptr trace) {
    audit_origin origin;
    origin.actor.name = shortened(caller.name);
    origin.actor.shown = proof_of(caller);
    if (caller.user_id) origin.actor.user = user_id(*caller.user_id);
    if (!origin.actor.user && caller.unverified) origin.actor.user = acting;
    if (acting != origin.actor.user) origin.acting_as = acting;
    origin.request_id = std::move(request_id);
    origin.trace = std::move(trace);
    return origin;
}

}  // namespace chat
