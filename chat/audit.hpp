#pragma once

#include "broker/principal.hpp"
#include "broker/trace_context.hpp"
#include "chat/ids.hpp"
#include "chat/model.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The audit log: what administrators, back ends and owners of rooms did, and what somebody did to
// somebody else. An entry is written in the transaction of the action that it tells of, so that
// there is never one without the other. Nobody's own joining, leaving and sending is in it.

namespace chat {

enum class audit_action : std::uint8_t {
    room_create,     // a room for somebody else, or for nobody
    member_add,      // somebody else became a member
    member_remove,   // somebody else is no member any more
    broadcast_all,   // told everybody something
    broadcast_user,  // one user
    broadcast_room,  // the subscribers of a room
    session_kick,
    subscription_end,
    user_ban,
    user_unban,
    trace_begin,  // somebody looks at the frames of a user or a destination
};

// As stored and on the wire. A name never changes its meaning.
inline constexpr std::array<std::string_view, 11> audit_actions{
    "room.create",    "member.add",     "member.remove", "broadcast.all",
    "broadcast.user", "broadcast.room", "session.kick",  "subscription.end",
    "user.ban",       "user.unban",     "trace.begin"};
constexpr std::string_view name_of(audit_action action) noexcept {
    return audit_actions[static_cast<std::size_t>(action)];
}

// How the actor had shown who they are.
enum class proof : std::uint8_t { none, passcode, token };

inline constexpr std::array<std::string_view, 3> proofs{"none", "passcode", "token"};
constexpr std::string_view name_of(proof shown) noexcept {
    return proofs[static_cast<std::size_t>(shown)];
}

struct audit_actor {
    std::optional<user_id> user;  // of the chat, if it is one
    std::string name;             // that the credentials gave; may be empty
    proof shown = proof::none;
};

// Who asked for something, on its way to the transaction.
struct audit_origin {
    audit_actor actor;
    std::optional<user_id> acting_as;  // somebody else, in whose name it was done
    std::string request_id;            // of the HTTP request; may be empty
    broker::trace_ptr trace{};         // of the request; not stored

    // What is done to `who` by nobody else is their own affair, and not audited.
    bool is(user_id who) const { return actor.user == who; }
};

// `acting` is the user in whose name the caller acts, if there is one. A caller that is believed
// (open mode) is that user.
audit_origin origin_of(broker::principal const& caller, std::optional<user_id> acting,
                       std::string request_id = {}, broker::trace_ptr trace = {});

struct new_audit_entry {
    audit_action action{};
    audit_origin origin;
    std::optional<room_id> room;
    std::optional<user_id> user;  // to whom it was done
    std::optional<message_id> message;
    // A JSON object; never a message's content, never a secret.
    std::string details;
};

struct audit_entry {
    std::uint64_t id = 0;
    timestamp at{};
    std::string node;
    audit_actor actor;
    std::string action;  // perhaps one of a newer program
    std::optional<room_id> room;
    std::optional<user_id> user;
    std::optional<message_id> message;
    std::string details;     // a JSON object
    std::string request_id;  // may be empty
};

// What is absent does not matter.
struct audit_filter {
    std::optional<user_id> actor;
    std::string actor_name;
    std::optional<room_id> room;
    std::optional<user_id> user;
    std::optional<audit_action> action;
    std::optional<timestamp> from;   // at it or later
    std::optional<timestamp> until;  // before it
};

}  // namespace chat
